import type { Api, Call, Reply } from "./core/api";
import { badRequest, notFound, unsupported } from "./core/fault";
import { anything, map, oneOf, string, struct } from "./core/goJson";
import { type Execution, now, type Schedule, zeroTime } from "./core/model";
import { requireSystem } from "./core/policy";
import { cronFault, nextTime } from "./cron";

type Vendor = Exclude<Schedule["id"], "SCAN_ALL">;

/** The differences between the kinds of system jobs. */
interface Job {
    readonly vendor: Vendor;
    readonly path: string;
    readonly resource: string;
    /** Harbor's answer for a missing run. */
    readonly missing: (id: number) => Reply;
    /** Harbor's name of the job in refusals of a schedule. */
    readonly scheduled: string;
    /** Rejects parameters that Harbor refuses for every type of schedule. */
    readonly check?: (given: Readonly<Record<string, unknown>>) => void;
    /** Parameters as Harbor returns them, with defaults. */
    readonly parameters: (given: Readonly<Record<string, unknown>>) => Record<string, unknown>;
    /** The result of a dry run. */
    readonly findings: (call: Call) => Record<string, unknown>;
    readonly run: string;
}

/** A schedule in a request. */
export const scheduleShape = struct("Schedule", {
    schedule: struct("ScheduleObj", {
        type: oneOf("Hourly", "Daily", "Weekly", "Custom", "Manual", "None", "Schedule"),
        cron: string(),
    }),
    parameters: map(anything),
});

const number = (value: unknown): number => (typeof value === "number" ? value : 0);

const garbageCollection: Job = {
    vendor: "GARBAGE_COLLECTION",
    path: "/system/gc",
    resource: "garbage-collection",
    missing: (id) => {
        throw notFound(`garbage collection execution ${id} not found`);
    },
    scheduled: "gc",
    run: "garbage collection that frees disk space (a dry run is done)",
    parameters: (given) => ({
        delete_tag: given["delete_tag"] === true,
        delete_untagged: given["delete_untagged"] === true,
        workers: number(given["workers"]),
    }),
    findings: (call) => ({ freed_space: 0, ...unneeded(call), time_window: 2 }),
};

const purgeAudit: Job = {
    vendor: "PURGE_AUDIT_LOG",
    path: "/system/purgeaudit",
    resource: "purge-audit",
    missing: () => ({ status: 500 }), // Harbor fails with a 500.
    scheduled: "log rotation purge",
    run: "purging of audit logs, which it does not keep",
    check: checkPurge,
    // As given, ordered by name.
    parameters: (given) =>
        Object.fromEntries(Object.entries(given).sort(([a], [b]) => (a < b ? -1 : 1))),
    findings: () => ({}),
};

const purgeHoursMax = 240_000;

function checkPurge(given: Readonly<Record<string, unknown>>): void {
    if (Object.keys(given).length === 0) {
        throw badRequest("bad request: schedule parameter cann't be empty");
    }
    const hours = given["audit_retention_hour"];
    if (hours === undefined) {
        throw badRequest("bad request: audit_retention_hour should provide");
    }
    if (typeof hours === "number" && !Number.isInteger(hours)) {
        throw badRequest("bad request: audit_retention_hour should be integer format");
    }
    if (typeof hours === "number" && hours > purgeHoursMax) {
        throw badRequest(`bad request: audit_retention_hour should be less than ${purgeHoursMax}`);
    }
    if (given["include_event_types"] === undefined) {
        throw badRequest("bad request: include_event_types should provide");
    }
}

/** Blobs that no project counts. */
function unneeded(call: Call): Record<string, unknown> {
    const { store } = call.services;
    const held = new Set(
        store
            .of("projectBlobs")
            .values()
            .map((blob) => blob.digest),
    );
    const blobs = store.of("blobs").filter((blob) => !held.has(blob.id));
    return { purged_blobs: blobs.length, purged_manifests: 0 };
}

function write(call: Call, job: Job): { schedule: Schedule | undefined; execution?: Execution } {
    const body = call.body("schedule", scheduleShape);
    requireSystem(
        call.account,
        job.resource,
        call.url.pathname.endsWith("schedule") ? "create" : "update",
    );
    const { type = "", cron = "" } = body.schedule ?? {};
    const given = body.parameters ?? {};
    job.check?.(given);
    const { store } = call.services;
    if (type === "Manual") {
        return { schedule: undefined, execution: start(call, job, given) };
    }
    if (type === "None") {
        store.of("schedules").remove(job.vendor);
        return { schedule: undefined };
    }
    const fault = cronFault(cron);
    if (fault !== undefined) {
        throw badRequest(
            `invalid cron string for scheduled ${job.scheduled}: ${cron}, error: ${fault}`,
        );
    }
    const schedule: Schedule = {
        id: job.vendor,
        number: store.nextId("schedules"),
        type,
        cron,
        parameters: job.parameters(given),
        created: now(),
    };
    return { schedule: store.of("schedules").put(schedule) };
}

function start(call: Call, job: Job, given: Readonly<Record<string, unknown>>): Execution {
    if (given["dry_run"] !== true) {
        throw unsupported(job.run);
    }
    const { store } = call.services;
    const at = now();
    return store.of("executions").put({
        id: store.nextId("executions"),
        vendor: job.vendor,
        vendorId: -1,
        trigger: "MANUAL",
        dryRun: true,
        status: "Success",
        started: at,
        ended: at,
        parameters: { ...job.parameters(given), dry_run: true, ...job.findings(call) },
    });
}

function scheduleView(schedule: Schedule): object {
    return {
        creation_time: schedule.created,
        id: schedule.number,
        job_kind: schedule.cron,
        job_parameters: JSON.stringify(schedule.parameters),
        job_status: "Running",
        schedule: {
            cron: schedule.cron,
            next_scheduled_time: nextTime(schedule.cron, new Date()) ?? zeroTime,
            type: schedule.type,
        },
        update_time: schedule.created,
    };
}

function executionView(execution: Execution): object {
    const sorted = Object.entries(execution.parameters).sort(([a], [b]) => (a < b ? -1 : 1));
    return {
        creation_time: execution.started,
        id: execution.id,
        job_kind: execution.trigger,
        job_name: execution.vendor,
        job_parameters: JSON.stringify(Object.fromEntries(sorted)),
        job_status: execution.status,
        schedule: { next_scheduled_time: zeroTime, type: "Manual" },
        update_time: execution.ended,
    };
}

function readExecution(call: Call, job: Job): Reply {
    requireSystem(call.account, job.resource, "read");
    const id = call.number("id");
    const execution = call.services.store.of("executions").get(id);
    return execution?.vendor === job.vendor ? { json: executionView(execution) } : job.missing(id);
}

function addJob(api: Api, job: Job): void {
    const schedule = `${job.path}/schedule`;
    api.on("GET", schedule, (call): Reply => {
        requireSystem(call.account, job.resource, "read");
        const found = call.services.store.of("schedules").get(job.vendor);
        return found === undefined ? {} : { json: scheduleView(found) };
    });
    api.on("POST", schedule, (call): Reply => {
        const { execution } = write(call, job);
        const Location = `/api/v2.0${job.path}/${execution?.id ?? 0}`;
        return { status: 201, headers: { Location } };
    });
    api.on("PUT", schedule, (call): Reply => {
        write(call, job);
        return {};
    });
    api.on("GET", job.path, (call) => {
        requireSystem(call.account, job.resource, "list");
        const mine = call.services.store.of("executions").filter((e) => e.vendor === job.vendor);
        return call.page(
            mine.sort((a, b) => b.id - a.id),
            executionView,
        );
    });
    api.on("GET", `${job.path}/:id`, (call) => readExecution(call, job));
}

/**
 * Garbage collection and the purge of audit logs: the sandbox stores schedules and never runs them.
 */
export function scheduleRoutes(api: Api): void {
    addJob(api, garbageCollection);
    addJob(api, purgeAudit);
}
