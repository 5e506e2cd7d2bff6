import { parentsOf, removeArtifact, tagsOf } from "./artifactStore";
import type { Api, Call, Reply } from "./core/api";
import { badRequest, notFound } from "./core/fault";
import { boolean, string, struct } from "./core/goJson";
import {
    type Artifact,
    type Execution,
    now,
    type Repository,
    type RetentionPolicy,
    type RetentionTask,
} from "./core/model";
import type { Services } from "./core/services";
import type { Store } from "./core/store";
import { isImmutable } from "./immutableGate";
import { findPolicy, requirePolicy } from "./retention";
import { concerns, keeps } from "./retentionRule";
import { selectsRepository } from "./selectors";

/** The artifacts that a policy covers: those that lists show. */
function candidatesOf(store: Store, repository: Repository): Artifact[] {
    return store
        .of("artifacts")
        .filter((a) => a.repositoryId === repository.id && a.accessoryType === undefined)
        .filter((a) => tagsOf(store, a.id).length > 0 || parentsOf(store, a).length === 0)
        .sort((a, b) => b.id - a.id);
}

/** What to keep in a repository, or why that is unknown; undefined when no rule covers it. */
function decide(
    store: Store,
    policy: RetentionPolicy,
    repository: Repository,
    candidates: readonly Artifact[],
): Set<number> | string | undefined {
    const inside = repository.name.slice(repository.name.indexOf("/") + 1);
    const rules = policy.rules.filter(
        (rule) => !rule.disabled && selectsRepository(rule.scopeSelectors, inside),
    );
    if (rules.length === 0) {
        return undefined;
    }
    const kept = new Set<number>();
    for (const rule of rules) {
        const looked = candidates.filter((artifact) => concerns(store, rule, artifact));
        const found = keeps(rule, looked);
        if (found === undefined) {
            return `rule template ${rule.template} not found`;
        }
        for (const artifact of found) {
            kept.add(artifact.id);
        }
    }
    for (const artifact of candidates) {
        const guarded = tagsOf(store, artifact.id).some((tag) =>
            isImmutable(store, policy.projectId, repository.name, tag.name),
        );
        if (guarded) {
            kept.add(artifact.id);
        }
    }
    return kept;
}

function logOf(
    store: Store,
    repository: Repository,
    policy: RetentionPolicy,
    dryRun: boolean,
    candidates: readonly Artifact[],
    kept: ReadonlySet<number>,
): string {
    const lines = candidates.map((artifact) => {
        const names = tagsOf(store, artifact.id).map((tag) => tag.name);
        return `${artifact.digest} | ${names.join(",")} | ${kept.has(artifact.id) ? "RETAIN" : "DEL"}`;
    });
    return [
        `${now()} [INFO] Run retention process.`,
        ` Repository: ${repository.name}`,
        ` Rule Algorithm: ${policy.algorithm}`,
        ` Dry Run: ${dryRun}`,
        `${now()} [INFO] Load ${candidates.length} candidates from repository ${repository.name}`,
        ...lines,
        "",
    ].join("\n");
}

/** Runs a policy at once: one task per repository, then the deletions. */
export function runPolicy(
    services: Services,
    policy: RetentionPolicy,
    { dryRun, trigger }: { readonly dryRun: boolean; readonly trigger: Execution["trigger"] },
): Execution {
    const { store } = services;
    return store.transaction(() => {
        const executionId = store.nextId("executions");
        const started = now();
        let status = "Success";
        const repositories = store
            .of("repositories")
            .filter((repository) => repository.projectId === policy.projectId)
            .sort((a, b) => b.id - a.id);
        for (const repository of repositories) {
            const candidates = candidatesOf(store, repository);
            const decision = decide(store, policy, repository, candidates);
            if (decision === undefined) {
                continue;
            }
            const failed = typeof decision === "string";
            const kept = failed ? new Set(candidates.map((one) => one.id)) : decision;
            status = failed ? "Error" : status;
            store.of("retentionTasks").put({
                id: store.nextId("tasks"),
                executionId,
                repository: repository.name.slice(repository.name.indexOf("/") + 1),
                status: failed ? "Error" : "Success",
                started,
                ended: now(),
                total: candidates.length,
                retained: failed ? 0 : candidates.filter((one) => kept.has(one.id)).length,
                log: failed ? decision : logOf(store, repository, policy, dryRun, candidates, kept),
            });
            if (!dryRun) {
                removeAll(store, candidates, kept);
            }
        }
        return store.of("executions").put({
            id: executionId,
            vendor: "RETENTION",
            vendorId: policy.id,
            trigger,
            dryRun,
            status,
            started,
            ended: now(),
            parameters: {},
        });
    });
}

function removeAll(store: Store, candidates: readonly Artifact[], kept: ReadonlySet<number>): void {
    const doomed = candidates.filter((artifact) => !kept.has(artifact.id));
    for (const artifact of doomed.sort((a, b) => b.children.length - a.children.length)) {
        const isThere = store.of("artifacts").get(artifact.id) !== undefined;
        if (isThere && parentsOf(store, artifact).length === 0) {
            removeArtifact(store, artifact);
        }
    }
}

const seconds = (text: string): string => text.replace(/\.\d+Z$/, "Z");
const microseconds = (text: string): string => text.replace(/Z$/, "000Z");

function executionView(execution: Execution): object {
    return {
        ...(execution.dryRun ? { dry_run: true } : {}),
        end_time: seconds(execution.ended),
        id: execution.id,
        policy_id: execution.vendorId,
        start_time: microseconds(execution.started),
        status: execution.status,
        trigger: execution.trigger,
    };
}

const statusCodes: Readonly<Record<string, number>> = { Error: 3, Stopped: 3, Success: 3 };

function taskView(task: RetentionTask): object {
    return {
        end_time: seconds(task.ended),
        execution_id: task.executionId,
        id: task.id,
        job_id: task.id.toString(16).padStart(24, "0"),
        repository: task.repository,
        retained: task.retained,
        start_time: seconds(task.started),
        status: task.status,
        status_code: statusCodes[task.status] ?? 0,
        total: task.total,
    };
}

function execute(call: Call): Reply {
    const body = call.body("body", struct("TriggerRetentionExecutionBody", { dry_run: boolean }));
    const policy = requirePolicy(call, "update");
    const { id } = runPolicy(call.services, policy, {
        dryRun: body.dry_run ?? false,
        trigger: "MANUAL",
    });
    const Location = `/api/v2.0/retentions/${policy.id}/executions/${id}`;
    return { status: 201, headers: { Location } };
}

function list(call: Call): Reply {
    const policy = requirePolicy(call, "list");
    const mine = call.services.store
        .of("executions")
        .filter((one) => one.vendor === "RETENTION" && one.vendorId === policy.id);
    return call.page(
        mine.sort((a, b) => b.id - a.id),
        executionView,
    );
}

function tasksOf(call: Call): RetentionTask[] {
    findPolicy(call, "read");
    const id = call.number("eid");
    return call.services.store
        .of("retentionTasks")
        .filter((task) => task.executionId === id)
        .sort((a, b) => b.id - a.id);
}

/** Runs end before the answer to their start, so there is never a run to stop. */
function stop(call: Call): Reply {
    const body = call.body("body", struct("OperateRetentionExecutionBody", { action: string() }));
    requirePolicy(call, "update");
    if (body.action !== "stop") {
        throw badRequest("bad request: action should be 'stop'");
    }
    return {};
}

export function retentionRunRoutes(api: Api): void {
    const all = "/retentions/:id/executions";
    api.on("POST", all, execute);
    api.on("GET", all, list);
    api.on("PATCH", `${all}/:eid`, stop);
    api.on("GET", `${all}/:eid/tasks`, (call) => call.page(tasksOf(call), taskView));
    api.on("GET", `${all}/:eid/tasks/:tid`, (call) => {
        const task = tasksOf(call).find((one) => one.id === call.number("tid"));
        if (task === undefined) {
            throw notFound(`task ${call.number("tid")} not found`);
        }
        return { text: task.log, headers: { "Content-Type": "text/plain" } };
    });
}
