import type { Api, Call, Reply } from "./core/api";
import { notFound } from "./core/fault";
import type { Execution } from "./core/model";
import { projectFor } from "./projectAccess";
import { deliveriesOf, isFinal } from "./webhookEvents";
import { findHook } from "./webhooks";

const seconds = (text: string): string => text.replace(/\.\d+Z$/, "Z");
const zeroSeconds = "0001-01-01T00:00:00Z";

function executionView(execution: Execution): object {
    const final = isFinal(execution);
    const failed = execution.status === "Error";
    const counter = final
        ? failed
            ? "error_task_count"
            : "success_task_count"
        : "pending_task_count";
    return {
        end_time: final ? seconds(execution.ended) : zeroSeconds,
        extra_attrs: execution.parameters,
        id: execution.id,
        metrics: { [counter]: 1, task_count: 1 },
        start_time: seconds(execution.started),
        status: execution.status,
        trigger: execution.trigger,
        vendor_id: execution.vendorId,
        vendor_type: execution.vendor,
    };
}

function jobView(call: Call, execution: Execution): object {
    const hook = call.services.store.of("webhooks").get(execution.vendorId);
    return {
        creation_time: execution.started,
        event_type: execution.parameters["event_type"],
        id: execution.id,
        job_detail: execution.parameters["payload"],
        notify_type: hook?.targets[0]?.type ?? "http",
        policy_id: execution.vendorId,
        status: execution.status,
        update_time: isFinal(execution) ? execution.ended : execution.started,
    };
}

const newestFirst = (executions: Execution[]): Execution[] => executions.reverse();

function jobs(call: Call): Reply {
    const project = projectFor(call, "notification-policy", "list");
    const { store } = call.services;
    const id = Number(call.query("policy_id") ?? Number.NaN);
    const hook = store.of("webhooks").get(id);
    if (hook === undefined || hook.projectId !== project.id) {
        throw notFound(`notificationPolicy ${id} not found`);
    }
    return call.page(newestFirst(deliveriesOf(store, id)), (one) => jobView(call, one));
}

function tasks(call: Call): Reply {
    const hook = findHook(call, "read");
    const id = call.number("execution_id");
    const mine = deliveriesOf(call.services.store, hook.id).filter((one) => one.id === id);
    return call.page(mine, (execution) => ({
        creation_time: execution.started,
        end_time: isFinal(execution) ? execution.ended : zeroSeconds,
        execution_id: execution.id,
        id: execution.id,
        run_count: 1,
        start_time: execution.started,
        status: execution.status,
        update_time: isFinal(execution) ? execution.ended : execution.started,
    }));
}

export function webhookRunRoutes(api: Api): void {
    const all = "/projects/:project_name_or_id/webhook";
    api.on("GET", `${all}/jobs`, jobs);
    api.on("GET", `${all}/policies/:webhook_policy_id/executions`, (call) => {
        const hook = findHook(call, "read");
        return call.page(newestFirst(deliveriesOf(call.services.store, hook.id)), executionView);
    });
    api.on("GET", `${all}/policies/:webhook_policy_id/executions/:execution_id/tasks`, tasks);
}
