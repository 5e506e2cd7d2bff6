import type { Properties, Values } from "../property";
import { resource } from "../resource";
import { scanPolicyProperty, scanSchedule } from "./scanSchedule";

const properties = {
    vulnerabilityScanPolicy: scanPolicyProperty,
} as const satisfies Properties;

const schedule = scanSchedule<Values<typeof properties>>();

/** Ids that the bridged provider made up. */
const bridgedId = /^[A-Za-z0-9]{15}$/;

/** `harbor.Tasks`: when everything is scanned. InterrogationServices is the same schedule. */
export const tasks = resource({
    token: "harbor:index/tasks:Tasks",
    description:
        "The schedule on which Harbor scans everything. There is one in all of Harbor, so declare it once, here or as InterrogationServices; deleting it takes the schedule away. Needs a system administrator.",
    deprecation: "Use harbor.InterrogationServices, which is the same schedule.",
    idAlias: "tasksId",
    properties,
    ...schedule,
    async read(id, prior, context) {
        // A state that was moved over keeps its id; nothing can be imported by it.
        const isKept = bridgedId.test(id) && Object.keys(prior).length > 0;
        const found = await schedule.read(isKept ? schedule.importForms : id, prior, context);
        return found && (isKept ? { ...found, id } : found);
    },
    async update(id, inputs, olds, context) {
        return { ...(await schedule.update(id, inputs, olds, context)), id };
    },
});
