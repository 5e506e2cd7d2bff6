import type { Api, Call, Reply } from "./core/api";
import { badRequest, conflict, internal, notFound, precondition, unsupported } from "./core/fault";
import { anything, boolean, int64, list, string, struct } from "./core/goJson";
import { order, parseQ, type Searchable, search } from "./core/listing";
import { now, type ReplicationPolicy, zeroTime } from "./core/model";
import { requireSystem } from "./core/policy";
import { registryView } from "./remoteRegistries";
import { checkPolicy, type PolicyContent } from "./replicationRules";

const registryShape = struct("Registry", { id: int64 });
const shape = struct("ReplicationPolicy", {
    name: string(),
    description: string(),
    src_registry: registryShape,
    dest_registry: registryShape,
    dest_namespace: string(),
    dest_namespace_replace_count: int64,
    trigger: struct("ReplicationTrigger", {
        type: string(),
        trigger_settings: struct("ReplicationTriggerSettings", { cron: string() }),
    }),
    filters: list(
        struct("ReplicationFilter", { type: string(), value: anything, decoration: string() }),
    ),
    deletion: boolean,
    replicate_deletion: boolean,
    override: boolean,
    enabled: boolean,
    speed: int64,
    copy_by_chunk: boolean,
    single_active_replication: boolean,
});

/** A missing field is Go's zero value: an update replaces the whole policy. */
function read(call: Call): PolicyContent {
    const body = call.body("policy", shape);
    const { trigger } = body;
    return {
        name: body.name ?? "",
        description: body.description ?? "",
        sourceId: body.src_registry?.id ?? 0,
        destinationId: body.dest_registry?.id ?? 0,
        destinationNamespace: body.dest_namespace ?? "",
        replaceCount: body.dest_namespace_replace_count ?? -1,
        trigger: trigger && { type: trigger.type ?? "", cron: trigger.trigger_settings?.cron },
        filters: (body.filters ?? []).map((filter) => ({
            type: filter.type ?? "",
            value: filter.value,
            decoration: filter.decoration ?? "",
        })),
        deletion: (body.deletion ?? false) || (body.replicate_deletion ?? false),
        override: body.override ?? false,
        enabled: body.enabled ?? false,
        speedKb: Math.max(body.speed ?? 0, 0),
        copyByChunk: body.copy_by_chunk ?? false,
        singleActive: body.single_active_replication ?? false,
    };
}

/** Harbor itself, the other registry of every policy. */
const local = {
    creation_time: zeroTime,
    credential: { access_secret: "*****", type: "secret" },
    id: 0,
    insecure: true,
    name: "Local",
    status: "healthy",
    type: "harbor",
    update_time: zeroTime,
    url: "http://core:8080",
};

function view(call: Call, policy: ReplicationPolicy): object {
    const side = (id: number): object => {
        const registry = call.services.store.of("registries").get(id);
        return registry === undefined ? local : registryView(registry);
    };
    const { trigger } = policy;
    return {
        copy_by_chunk: policy.copyByChunk,
        creation_time: policy.created,
        ...(policy.deletion ? { deletion: true, replicate_deletion: true } : {}),
        ...(policy.description === "" ? {} : { description: policy.description }),
        ...(policy.destinationNamespace === ""
            ? {}
            : { dest_namespace: policy.destinationNamespace }),
        dest_namespace_replace_count: policy.replaceCount,
        dest_registry: side(policy.destinationId),
        ...(policy.enabled ? { enabled: true } : {}),
        filters: policy.filters.map(({ type, value, decoration }) => ({
            ...(decoration === "" ? {} : { decoration }),
            type,
            value,
        })),
        id: policy.id,
        name: policy.name,
        ...(policy.override ? { override: true } : {}),
        single_active_replication: policy.singleActive,
        speed: policy.speedKb,
        src_registry: side(policy.sourceId),
        ...(trigger === undefined ? {} : { trigger: triggerView(trigger.type, trigger.cron) }),
        update_time: policy.updated,
    };
}

function triggerView(type: string, cron: string | undefined): object {
    return cron === undefined ? { type } : { trigger_settings: { cron }, type };
}

function checked(call: Call, content: PolicyContent, besides: number): PolicyContent {
    const fault = checkPolicy(content);
    if (fault !== undefined) {
        throw badRequest(fault);
    }
    const { store } = call.services;
    const other = content.sourceId || content.destinationId;
    if (store.of("registries").get(other) === undefined) {
        throw notFound(`registry ${other} not found`);
    }
    if (content.singleActive && content.trigger?.type === "event_based") {
        throw internal();
    }
    const twin = store
        .of("replicationPolicies")
        .find((policy) => policy.name === content.name && policy.id !== besides);
    if (twin !== undefined) {
        throw conflict(`replication policy ${content.name} already exists`);
    }
    return content;
}

function create(call: Call): Reply {
    const given = read(call);
    requireSystem(call.account, "replication-policy", "create");
    const content = checked(call, given, 0);
    const policies = call.services.store.of("replicationPolicies");
    const id = policies.nextId();
    const at = now();
    policies.put({ id, ...content, created: at, updated: at });
    return { status: 201, headers: { Location: `/api/v2.0/replication/policies/${id}` } };
}

function find(call: Call, action: string): ReplicationPolicy {
    requireSystem(call.account, "replication-policy", action);
    return findPolicy(call, call.number("id"));
}

function findPolicy(call: Call, id: number): ReplicationPolicy {
    const policy = call.services.store.of("replicationPolicies").get(id);
    if (policy === undefined) {
        throw notFound(`replication policy ${id} not found`);
    }
    return policy;
}

function update(call: Call): Reply {
    const given = read(call);
    const policy = find(call, "update");
    const content = checked(call, given, policy.id);
    call.services.store.of("replicationPolicies").update(policy.id, { ...content, updated: now() });
    return {};
}

const fields: Searchable<ReplicationPolicy> = {
    name: (policy) => policy.name,
    id: (policy) => policy.id,
    enabled: (policy) => policy.enabled,
};

function listPolicies(call: Call): Reply {
    requireSystem(call.account, "replication-policy", "list");
    const name = call.query("name");
    const all = call.services.store
        .of("replicationPolicies")
        .filter((policy) => name === null || policy.name.includes(name));
    const found = search(all, parseQ(call.query("q")), fields);
    return call.page(order(found, call.query("sort"), fields, "-id"), (policy) =>
        view(call, policy),
    );
}

function run(call: Call): Reply {
    const { policy_id = 0 } = call.body(
        "execution",
        struct("StartReplicationExecution", { policy_id: int64 }),
    );
    requireSystem(call.account, "replication", "create");
    const policy = findPolicy(call, policy_id);
    if (!policy.enabled) {
        throw precondition(`the policy ${policy.id} is disabled`);
    }
    throw unsupported("running a replication; its policies are kept");
}

/** The sandbox stores replication policies and never runs them. */
export function replicationRoutes(api: Api): void {
    const all = "/replication/policies";
    api.on("GET", all, listPolicies);
    api.on("POST", all, create);
    api.on("GET", `${all}/:id`, (call) => ({ json: view(call, find(call, "read")) }));
    api.on("PUT", `${all}/:id`, update);
    api.on("DELETE", `${all}/:id`, (call) => {
        call.services.store.of("replicationPolicies").remove(find(call, "delete").id);
        return {};
    });
    api.on("POST", "/replication/executions", run);
    api.on("GET", "/replication/executions", (call) => {
        requireSystem(call.account, "replication", "list");
        return call.page([], (one) => one); // No policy has ever run.
    });
}
