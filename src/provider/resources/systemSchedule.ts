import type { Json } from "../../harbor/json";
import {
    getSystemSchedule,
    removeSystemSchedule,
    type SystemJob,
    setSystemSchedule,
} from "../../harbor/systemSchedule";
import { onlyId } from "../ids";
import type { Property } from "../property";
import type { Context, Resource, State } from "../resource";
import { fromCron, scheduleRule, scheduleType, toCron } from "../schedule";
import type { Bag } from "../values";

/** The property that says when a job of the system runs. */
export const scheduleProperty = {
    type: "string",
    required: true,
    check: (value: string) => (value.trim() === "" ? "is empty" : scheduleRule(value)),
    normalize: toCron,
    description:
        "When it runs: `Hourly`, `Daily`, `Weekly`, or six cron fields with seconds (0) first.",
} as const satisfies Property<"string">;

/** How a resource's inputs and outputs speak of a job's schedule. */
interface Form<Inputs> {
    /** The schedule among the inputs, as {@link scheduleProperty} takes it. */
    readonly scheduleOf: (inputs: Inputs) => string;
    /** What Harbor runs the job with. */
    readonly parametersOf: (inputs: Inputs) => Json;
    /** Outputs after a read; `schedule` is a name where there is one. */
    readonly outputsOf: (schedule: string, parameters: Json) => Bag;
}

/** What is the same for every resource that is the one schedule of a job of the system. */
type Operations<Inputs> = Pick<
    Resource<Inputs>,
    "importForms" | "create" | "read" | "update" | "delete"
> & { readonly identity: readonly never[] };

/** The operations of a resource that is a job's schedule. Harbor has one of each, so it has one id. */
export function systemSchedule<Inputs>(job: SystemJob, form: Form<Inputs>): Operations<Inputs> {
    const id = `/system/${job}/schedule`;
    const write = async (inputs: Inputs, { client }: Context): Promise<State> => {
        const schedule = form.scheduleOf(inputs);
        await setSystemSchedule(client, job, {
            type: scheduleType(schedule),
            cron: toCron(schedule),
            parameters: form.parametersOf(inputs),
        });
        return { id, outputs: {} };
    };
    return {
        identity: [],
        importForms: id,
        create: write,
        async read(asked, _prior, { client }) {
            onlyId(asked, id);
            const found = await getSystemSchedule(client, job);
            if (!found) return undefined;
            return { id, outputs: form.outputsOf(fromCron(found.cron), found.parameters) };
        },
        update: (_id, inputs, _olds, context) => write(inputs, context),
        delete: (_id, _olds, { client }) => removeSystemSchedule(client, job),
    };
}
