import type { Properties, Values } from "../property";
import { resource } from "../resource";
import { scanPolicyProperty, scanSchedule } from "./scanSchedule";

const properties = {
    vulnerabilityScanPolicy: scanPolicyProperty,
} as const satisfies Properties;

const schedule = scanSchedule<Values<typeof properties>>();

/** Ids that the bridged provider generated. */
const bridgedId = /^[A-Za-z0-9]{15}$/;

/** `harbor.Tasks`: the schedule of scans, which InterrogationServices manages, too. */
export const tasks = resource({
    token: "harbor:index/tasks:Tasks",
    description:
        "The schedule on which Harbor scans everything. Harbor has one such schedule, so declare it once, here or as InterrogationServices. Deleting the resource removes the schedule. Needs a system administrator.",
    deprecation: "Use harbor.InterrogationServices, which is the same schedule.",
    idAlias: "tasksId",
    properties,
    ...schedule,
    async read(id, prior, context) {
        // A migrated state keeps its id; imports do not accept that id.
        const isKept = bridgedId.test(id) && Object.keys(prior).length > 0;
        const found = await schedule.read(isKept ? schedule.importForms : id, prior, context);
        return found && (isKept ? { ...found, id } : found);
    },
    async update(id, inputs, olds, context) {
        return { ...(await schedule.update(id, inputs, olds, context)), id };
    },
});
