import type { Json } from "../../harbor/json";
import {
    getSystemSchedule,
    removeSystemSchedule,
    type SystemJob,
    setSystemSchedule,
} from "../harbor/systemSchedule";
import { onlyId } from "../ids";
import type { Property } from "../property";
import type { Context, Resource, State } from "../resource";
import { fromCron, scheduleRule, scheduleType, toCron } from "../schedule";
import type { Bag } from "../values";

/** The property with the schedule of a system job. */
export const scheduleProperty = {
    type: "string",
    required: true,
    check: (value: string) =>
        value.trim() === ""
            ? "is empty; expected Hourly, Daily, Weekly or six cron fields, seconds first"
            : scheduleRule(value),
    normalize: toCron,
    description:
        "When the job runs: `Hourly`, `Daily`, `Weekly`, or six cron fields with seconds (0) first.",
} as const satisfies Property<"string">;

/** Conversion between a resource's inputs and outputs and a job's schedule. */
interface Form<Inputs> {
    /** The schedule in the inputs, as {@link scheduleProperty} accepts it. */
    readonly scheduleOf: (inputs: Inputs) => string;
    /** Parameters of the job. */
    readonly parametersOf: (inputs: Inputs) => Json;
    /** Outputs after a read; `schedule` is a name if one exists. */
    readonly outputsOf: (schedule: string, parameters: Json) => Bag;
}

/** Common parts of resources that are the schedule of a system job. */
type Operations<Inputs> = Pick<
    Resource<Inputs>,
    "importForms" | "create" | "read" | "update" | "delete"
> & { readonly identity: readonly never[] };

/** The operations of a resource that is a job's schedule. Each job has one schedule, with one fixed id. */
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
