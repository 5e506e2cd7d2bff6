import type { Api, Call, Reply } from "./core/api";
import { badRequest, precondition, unsupported } from "./core/fault";
import { now, type Schedule, zeroTime } from "./core/model";
import { requireSystem } from "./core/policy";
import { cronFault } from "./cron";
import { defaultScanner } from "./scanners";
import { scheduleShape } from "./schedules";

const vendor = "SCAN_ALL";

/** Without a default scanner, Harbor refuses even reading: requireAccess of handler/scan_all.go. */
function requireAccess(call: Call, action: string): void {
    requireSystem(call.account, "scan-all", action);
    if (defaultScanner(call.services.store) === undefined) {
        throw precondition("no scanner is configured, it's not possible to scan");
    }
}

function read(call: Call): { readonly type: string; readonly cron: string } {
    const { type = "", cron = "" } = call.body("schedule", scheduleShape).schedule ?? {};
    return { type, cron };
}

function keep(call: Call, type: string, cron: string): void {
    const fault = cronFault(cron);
    if (fault !== undefined) {
        throw badRequest(`invalid cron string for scheduled scan all: ${cron}, error: ${fault}`);
    }
    const { store } = call.services;
    const before = store.of("schedules").get(vendor);
    if (before?.type === type && before.cron === cron) {
        return;
    }
    const number = store.nextId("schedules");
    store.of("schedules").put({ id: vendor, number, type, cron, parameters: {}, created: now() });
}

function create(call: Call): Reply {
    const { type, cron } = read(call);
    requireAccess(call, "create");
    if (type === "Manual") {
        throw unsupported("vulnerability scans; their schedule is kept");
    }
    if (type !== "None") {
        if (call.services.store.of("schedules").get(vendor) !== undefined) {
            throw precondition(
                "fail to set schedule for scan all as always had one, please delete it firstly then to re-schedule",
            );
        }
        keep(call, type, cron);
    }
    return { status: 201 };
}

function update(call: Call): Reply {
    const { type, cron } = read(call);
    requireAccess(call, "update");
    if (type === "Manual") {
        throw badRequest("fail to update scan all schedule as wrong schedule type: Manual");
    }
    if (type === "None") {
        call.services.store.of("schedules").remove(vendor);
    } else {
        keep(call, type, cron);
    }
    return {};
}

function view({ number, type, cron, created }: Schedule): object {
    return {
        creation_time: created,
        id: number,
        // Harbor does not compute the next time of the schedule.
        schedule: { cron, next_scheduled_time: zeroTime, type },
        status: "Running",
        update_time: created,
    };
}

/** The schedule of scans of all artifacts: the sandbox stores it and never runs it. */
export function scanAllRoutes(api: Api): void {
    const schedule = "/system/scanAll/schedule";
    api.on("GET", schedule, (call) => {
        requireAccess(call, "read");
        const found = call.services.store.of("schedules").get(vendor);
        return found === undefined ? {} : { json: view(found) };
    });
    api.on("POST", schedule, create);
    api.on("PUT", schedule, update);
}
