import { flag, number } from "../../harbor/json";
import type { Properties, Values } from "../property";
import { resource } from "../resource";
import { wholeNumber } from "../rules";
import { scheduleProperty, systemSchedule } from "./systemSchedule";

/** The maximum that Harbor's portal offers. */
const workersMax = 10;

const properties = {
    schedule: scheduleProperty,
    deleteUntagged: {
        type: "boolean",
        default: false,
        description: "Whether to delete untagged artifacts, too. Default: false.",
    },
    workers: {
        type: "number",
        default: 1,
        check: wholeNumber(1, workersMax),
        description: "Number of workers that delete in parallel, 1 to 10. Default: 1.",
    },
} as const satisfies Properties;

/** `harbor.GarbageCollection`: the only schedule on which Harbor frees the space of deleted artifacts. */
export const garbageCollection = resource({
    token: "harbor:index/garbageCollection:GarbageCollection",
    description:
        "The schedule on which Harbor frees the space of deleted artifacts. Harbor has one such schedule, so declare it once. Needs a system administrator.",
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
            // Harbor returns 0 when no number is set, and then uses one worker.
            workers: number(parameters, "workers") || 1,
        }),
    }),
});
