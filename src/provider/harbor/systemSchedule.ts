import type { HarborClient } from "../../harbor/client";
import { type Json, object, text } from "../../harbor/json";
import { tryParse } from "../../text/lenientJson";

/** System jobs with a schedule. */
export type SystemJob = "gc" | "purgeaudit" | "scanAll";

/** Schedule and parameters of a system job. */
export interface SystemSchedule {
    /** Six cron fields, seconds first. */
    readonly cron: string;
    readonly parameters: Json;
}

/** Reads a job's schedule; undefined without one, when Harbor's answer is empty or `None`. */
export async function getSystemSchedule(
    client: HarborClient,
    job: SystemJob,
): Promise<SystemSchedule | undefined> {
    const { body } = await client.get(schedulePath(job));
    if (body === undefined || body === null) return undefined;
    const json = object(body, "schedule");
    if (!json["schedule"]) return undefined;
    const schedule = object(json["schedule"], "schedule.schedule");
    const cron = text(schedule, "cron") ?? "";
    if (cron === "" || text(schedule, "type") === "None") return undefined;
    return { cron, parameters: parseParameters(text(json, "job_parameters")) };
}

/** Sets a job's schedule. `type` is Harbor's name of the schedule, such as `Daily` or `Custom`. */
export async function setSystemSchedule(
    client: HarborClient,
    job: SystemJob,
    schedule: SystemSchedule & { readonly type: string },
): Promise<void> {
    const { type, cron, parameters } = schedule;
    const body = { schedule: { type, cron }, parameters };
    if (await getSystemSchedule(client, job)) await client.put(schedulePath(job), body);
    else await client.post(schedulePath(job), body);
}

/** Removes a job's schedule; succeeds when the job has none. */
export async function removeSystemSchedule(client: HarborClient, job: SystemJob): Promise<void> {
    const found = await getSystemSchedule(client, job);
    if (!found) return;
    // Harbor refuses to remove the purge schedule of the audit log without the purge's parameters.
    const { parameters } = found;
    await client.put(schedulePath(job), { schedule: { type: "None", cron: "" }, parameters });
}

function schedulePath(job: SystemJob): string {
    return `/system/${job}/schedule`;
}

function parseParameters(written: string | undefined): Json {
    return written ? object(tryParse(written) ?? written, "job_parameters") : {};
}
