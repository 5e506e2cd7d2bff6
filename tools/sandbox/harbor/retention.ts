import { isSystemAdmin } from "./core/account";
import type { Api, Call, Reply } from "./core/api";
import { badRequest, conflict, internal, notFound } from "./core/fault";
import { anything, boolean, int64, list, map, string, struct } from "./core/goJson";
import type { Project, RetentionPolicy, RetentionRule } from "./core/model";
import { requireLogin, requireSystem } from "./core/policy";
import type { Store } from "./core/store";
import { cronFault, nextTime } from "./cron";
import { selectorShape } from "./immutableRules";
import { projectFor } from "./projectAccess";

const ruleShape = struct("RetentionRule", {
    id: int64,
    priority: int64,
    disabled: boolean,
    action: string(),
    template: string(),
    params: map(anything),
    tag_selectors: list(selectorShape),
    scope_selectors: map(list(selectorShape)),
});
const policyShape = struct("RetentionPolicy", {
    id: int64,
    algorithm: string(),
    rules: list(ruleShape),
    trigger: struct("RetentionRuleTrigger", {
        kind: string(),
        settings: anything,
        references: anything,
    }),
    scope: struct("RetentionPolicyScope", { level: string(), ref: int64 }),
});
const rulesMax = 15;
const schedule = "Schedule";

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
    return typeof value === "object" && value !== null
        ? Object.fromEntries(Object.entries(value))
        : {};
}

/** Reads a policy. Harbor fails on a missing scope or trigger: 500 without a body. */
function read(call: Call): Omit<RetentionPolicy, "id"> | undefined {
    const body = call.body("policy", policyShape);
    const { scope, trigger } = body;
    if (scope === undefined || trigger === undefined) {
        return undefined;
    }
    return {
        projectId: scope.ref ?? 0,
        scopeLevel: scope.level ?? "",
        algorithm: body.algorithm ?? "",
        rules: (body.rules ?? []).map((rule) => ({
            id: rule.id ?? 0,
            priority: rule.priority ?? 0,
            disabled: rule.disabled ?? false,
            action: rule.action ?? "",
            template: rule.template ?? "",
            params: rule.params ?? {},
            tagSelectors: rule.tag_selectors ?? [],
            scopeSelectors: rule.scope_selectors ?? {},
        })),
        triggerKind: trigger.kind ?? "",
        triggerSettings: fieldsOf(trigger.settings),
        triggerReferences: fieldsOf(trigger.references),
    };
}

const cronOf = (policy: Omit<RetentionPolicy, "id">): string =>
    policy.triggerKind === schedule ? String(policy.triggerSettings["cron"] ?? "") : "";

function checkRules(policy: Omit<RetentionPolicy, "id">): void {
    if (policy.rules.length > rulesMax) {
        throw badRequest(`bad request: only ${rulesMax} rules are allowed at most`);
    }
    const contents = policy.rules.map((rule) => JSON.stringify({ ...rule, id: 0, priority: 0 }));
    contents.forEach((content, at) => {
        const first = contents.indexOf(content);
        if (first < at) {
            throw conflict(`resource conflict: rule ${at} is conflict with rule ${first}`);
        }
    });
}

function checkCron(policy: Omit<RetentionPolicy, "id">): void {
    const cron = cronOf(policy);
    const fault = cron === "" ? undefined : cronFault(cron);
    if (fault !== undefined) {
        throw badRequest(
            `invalid cron string for scheduled tag retention: ${cron}, error: ${fault}`,
        );
    }
}

/**
 * The project of a policy's scope; undefined when it does not exist. Harbor first checks the right
 * to the scope.
 */
function projectOf(
    call: Call,
    { scopeLevel, projectId }: Omit<RetentionPolicy, "id">,
    action: string,
): Project | undefined {
    if (scopeLevel !== "project") {
        requireSystem(call.account, "tag-retention", action);
        return undefined;
    }
    const isThere = call.services.store.of("projects").get(projectId) !== undefined;
    return isThere || !isSystemAdmin(call.account)
        ? projectFor(call, "tag-retention", action, String(projectId))
        : undefined;
}

function ruleView(rule: RetentionRule): object {
    return {
        ...(rule.id === 0 ? {} : { id: rule.id }),
        ...(rule.priority === 0 ? {} : { priority: rule.priority }),
        ...(rule.disabled ? { disabled: true } : {}),
        action: rule.action,
        ...(Object.keys(rule.params).length === 0 ? {} : { params: rule.params }),
        scope_selectors: rule.scopeSelectors,
        tag_selectors: rule.tagSelectors,
        template: rule.template,
    };
}

function view(policy: RetentionPolicy): object {
    const cron = cronOf(policy);
    const next = cron === "" ? undefined : nextTime(cron, new Date());
    return {
        algorithm: policy.algorithm,
        id: policy.id,
        rules: policy.rules.map(ruleView),
        scope: { level: policy.scopeLevel, ref: policy.projectId },
        trigger: {
            kind: policy.triggerKind,
            ...(Object.keys(policy.triggerReferences).length === 0
                ? {}
                : { references: policy.triggerReferences }),
            settings: {
                ...policy.triggerSettings,
                ...(next === undefined ? {} : { next_scheduled_time: next }),
            },
        },
    };
}

function create(call: Call): Reply {
    const given = read(call);
    requireLogin(call.account);
    if (given === undefined) {
        return { status: 500 };
    }
    checkRules(given);
    const project = projectOf(call, given, "create");
    if (given.scopeLevel !== "project") {
        throw badRequest(`bad request: scope ${given.scopeLevel} is not support`);
    }
    if (project === undefined) {
        throw badRequest(`bad request: invalid Project id ${given.projectId}`);
    }
    const before = project.metadata["retention_id"] ?? "";
    if (before !== "") {
        throw badRequest(
            `bad request: project ${project.id} already has retention policy ${before}`,
        );
    }
    checkCron(given);
    const { store } = call.services;
    const id = store.nextId("retentionPolicies");
    store.transaction(() => {
        store.of("retentionPolicies").put({ id, ...given });
        const metadata = { ...project.metadata, retention_id: String(id) };
        store.of("projects").update(project.id, { metadata });
    });
    return { status: 201, headers: { Location: `/api/v2.0/retentions/${id}` } };
}

/** Harbor's policy for every new proxy-cache project: it keeps what was pulled within a week. */
export function addProxyRetention(store: Store, projectId: number): void {
    const id = store.nextId("retentionPolicies");
    const everything = { kind: "doublestar", pattern: "**" };
    const rule: RetentionRule = {
        id: 0,
        priority: 0,
        disabled: false,
        action: "retain",
        template: "nDaysSinceLastPull",
        params: { nDaysSinceLastPull: 7 },
        tagSelectors: [
            { ...everything, decoration: "matches", extras: JSON.stringify({ untagged: true }) },
        ],
        scopeSelectors: { repository: [{ ...everything, decoration: "repoMatches" }] },
    };
    store.of("retentionPolicies").put({
        id,
        projectId,
        algorithm: "or",
        rules: [rule],
        scopeLevel: "project",
        triggerKind: schedule,
        triggerSettings: { cron: "0 0 0 * * *" },
        triggerReferences: {},
    });
    const project = store.of("projects").get(projectId);
    const metadata = { ...project?.metadata, retention_id: String(id) };
    store.of("projects").update(projectId, { metadata });
}

/** The policy in a path, or undefined. @throws Fault when the account may not do this to it */
export function findPolicy(call: Call, action: string): RetentionPolicy | undefined {
    const id = call.number("id");
    requireLogin(call.account);
    const policy = call.services.store.of("retentionPolicies").get(id);
    if (policy !== undefined) {
        projectFor(call, "tag-retention", action, String(policy.projectId));
    }
    return policy;
}

export function requirePolicy(call: Call, action: string): RetentionPolicy {
    const policy = findPolicy(call, action);
    if (policy === undefined) {
        throw badRequest(`bad request: no such Retention policy with id ${call.number("id")}`);
    }
    return policy;
}

function update(call: Call): Reply {
    const given = read(call);
    const id = call.number("id");
    requireLogin(call.account);
    if (given === undefined) {
        return { status: 500 };
    }
    checkRules(given);
    const project = projectOf(call, given, "update");
    const { store } = call.services;
    if (project?.metadata["retention_id"] !== String(id)) {
        throw notFound(`resource not found: the retention policy id ${id} does not match`);
    }
    const before = requirePolicy(call, "update");
    checkCron(given);
    const becomesScheduled = before.triggerKind !== schedule && given.triggerKind === schedule;
    if (becomesScheduled && cronOf(given) === "") {
        throw badRequest(`invalid cron : ${cronFault("")}`);
    }
    store.of("retentionPolicies").put({ id, ...given });
    return {};
}

function remove(call: Call): Reply {
    const policy = requirePolicy(call, "delete");
    const { store } = call.services;
    store.transaction(() => {
        const project = store.of("projects").get(policy.projectId);
        if (project !== undefined) {
            const metadata = { ...project.metadata };
            delete metadata["retention_id"];
            store.of("projects").update(project.id, { metadata });
        }
        store.of("retentionPolicies").remove(policy.id);
    });
    return {};
}

const count = (unit: string): object[] => [{ required: true, type: "int", unit }];
const templates = [
    ["latestPushedK", "the most recently pushed # artifacts", count("COUNT")],
    ["latestPulledN", "the most recently pulled # artifacts", count("COUNT")],
    ["nDaysSinceLastPush", "pushed within the last # days", count("DAYS")],
    ["nDaysSinceLastPull", "pulled within the last # days", count("DAYS")],
    ["always", "always", []],
] as const;

function metadata(call: Call): Reply {
    requireLogin(call.account);
    const selector = (display_text: string, ...decorations: string[]): object => ({
        decorations,
        display_text,
        kind: "doublestar",
    });
    return {
        json: {
            scope_selectors: [selector("Repositories", "repoMatches", "repoExcludes")],
            tag_selectors: [selector("Tags", "matches", "excludes")],
            templates: templates.map(([rule_template, display_text, params]) => ({
                action: "retain",
                display_text,
                params,
                rule_template,
            })),
        },
    };
}

export function retentionRoutes(api: Api): void {
    api.on("GET", "/retentions/metadatas", metadata);
    api.on("POST", "/retentions", create);
    api.on("GET", "/retentions/:id", (call) => {
        const policy = findPolicy(call, "read");
        if (policy === undefined) {
            throw internal(); // Harbor answers the same.
        }
        return { json: view(policy) };
    });
    api.on("PUT", "/retentions/:id", update);
    api.on("DELETE", "/retentions/:id", remove);
}
