import type { HarborClient } from "../../harbor/client";
import { flag, number } from "../../harbor/json";
import {
    getSystemSchedule,
    removeSystemSchedule,
    setSystemSchedule,
} from "../../harbor/systemSchedule";
import { onlyId } from "../ids";
import type { Properties, Values } from "../property";
import { resource, type State } from "../resource";
import { wholeNumber } from "../rules";
import { fromCron, scheduleRule, scheduleType, toCron } from "../schedule";

const id = "/system/gc/schedule";
/** As Harbor's portal offers them. */
const workersMax = 10;

const properties = {
    schedule: {
        type: "string",
        required: true,
        check: (value: string) => (value.trim() === "" ? "is empty" : scheduleRule(value)),
        normalize: toCron,
        description:
            "When it runs: `Hourly`, `Daily`, `Weekly`, or six cron fields with seconds (0) first.",
    },
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

type Inputs = Values<typeof properties>;

/** `harbor.GarbageCollection`: when space of deleted artifacts is freed. Harbor has one such schedule. */
export const garbageCollection = resource({
    token: "harbor:index/garbageCollection:GarbageCollection",
    description:
        "The schedule on which Harbor frees the space of deleted artifacts. There is one in all of Harbor, so declare it once. Needs a system administrator.",
    idAlias: "garbageCollectionId",
    properties,
    identity: [],
    importForms: id,
    create: (inputs, { client }) => write(inputs, client),
    async read(asked, _prior, { client }) {
        onlyId(asked, id);
        const found = await getSystemSchedule(client, "gc");
        if (!found) return undefined;
        return {
            id,
            outputs: {
                schedule: fromCron(found.cron),
                deleteUntagged: flag(found.parameters, "delete_untagged"),
                // Harbor says 0 where nobody chose, and then takes one.
                workers: number(found.parameters, "workers") || 1,
            },
        };
    },
    update: (_id, inputs, _olds, { client }) => write(inputs, client),
    delete: (_id, _olds, { client }) => removeSystemSchedule(client, "gc"),
});

async function write(inputs: Inputs, client: HarborClient): Promise<State> {
    await setSystemSchedule(client, "gc", {
        type: scheduleType(inputs.schedule),
        cron: toCron(inputs.schedule),
        parameters: {
            delete_untagged: inputs.deleteUntagged,
            workers: inputs.workers,
            dry_run: false,
        },
    });
    return { id, outputs: {} };
}
