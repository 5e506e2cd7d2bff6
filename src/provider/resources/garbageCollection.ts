import { flag, number } from "../../harbor/json";
import type { Properties, Values } from "../property";
import { resource } from "../resource";
import { wholeNumber } from "../rules";
import { scheduleProperty, systemSchedule } from "./systemSchedule";

/** As Harbor's portal offers them. */
const workersMax = 10;

const properties = {
    schedule: scheduleProperty,
    deleteUntagged: {
        type: "boolean",
        default: false,
        description: "Whether artifacts without a tag are deleted too. Default: false.",
    },
    workers: {
        type: "number",
        default: 1,
        check: wholeNumber(1, workersMax),
        description: "How many workers delete at once, 1 to 10. Default: 1.",
    },
} as const satisfies Properties;

/** `harbor.GarbageCollection`: when space of deleted artifacts is freed. Harbor has one such schedule. */
export const garbageCollection = resource({
    token: "harbor:index/garbageCollection:GarbageCollection",
    description:
        "The schedule on which Harbor frees the space of deleted artifacts. There is one in all of Harbor, so declare it once. Needs a system administrator.",
    idAlias: "garbageCollectionId",
    properties,
    ...systemSchedule<Values<typeof properties>>("gc", {
        scheduleOf: (inputs) => inputs.schedule,
        parametersOf: (inputs) => ({
            delete_untagged: inputs.deleteUntagged,
            workers: inputs.workers,
            dry_run: false,
        }),
        outputsOf: (schedule, parameters) => ({
            schedule,
            deleteUntagged: flag(parameters, "delete_untagged"),
            // Harbor says 0 where nobody chose, and then takes one.
            workers: number(parameters, "workers") || 1,
        }),
    }),
});
