import type { Api, Call, Reply } from "./core/api";
import { badRequest, conflict, Fault, notFound } from "./core/fault";
import { boolean, int64, list, string, struct } from "./core/goJson";
import { order, parseQ, type Searchable, search } from "./core/listing";
import { now, type Webhook, type WebhookTarget, zeroTime } from "./core/model";
import { projectFor } from "./projectAccess";
import { deliveriesOf, isFinal } from "./webhookEvents";

const eventTypes = [
    "PUSH_ARTIFACT",
    "PULL_ARTIFACT",
    "DELETE_ARTIFACT",
    "QUOTA_EXCEED",
    "QUOTA_WARNING",
    "SCANNING_FAILED",
    "SCANNING_STOPPED",
    "SCANNING_COMPLETED",
    "REPLICATION",
    "TAG_RETENTION",
];
const targetTypes = ["http", "slack"];
const formats = ["Default", "CloudEvents"];

const shape = struct("WebhookPolicy", {
    id: int64,
    name: string(),
    description: string(),
    enabled: boolean,
    event_types: list(string()),
    targets: list(
        struct("WebhookTargetObject", {
            type: string(),
            address: string(),
            auth_header: string(),
            skip_cert_verify: boolean,
            payload_format: string(),
        }),
    ),
});

type Content = Omit<Webhook, "id" | "projectId" | "creator" | "created" | "updated">;

/** Adds http to an address without a scheme; refuses with the messages of Go's parser. */
function checkAddress(address: string): string {
    const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `http://${address}`;
    const space = /^[a-z]+:\/\/[^/]*( )/i.exec(full);
    if (space !== null) {
        throw badRequest(`parse ${JSON.stringify(full)}: invalid character " " in host name`);
    }
    const scheme = full.slice(0, full.indexOf(":"));
    if (scheme !== "http" && scheme !== "https") {
        throw badRequest(`invalid scheme: ${scheme}`);
    }
    return full;
}

function read(call: Call): Content & { readonly id: number } {
    const body = call.body("policy", shape);
    return {
        id: body.id ?? 0,
        name: body.name ?? "",
        description: body.description ?? "",
        enabled: body.enabled ?? false,
        events: body.event_types ?? [],
        targets: (body.targets ?? []).map(
            (target): WebhookTarget => ({
                type: target.type ?? "",
                address: target.address ?? "",
                auth_header: target.auth_header ?? "",
                skip_cert_verify: target.skip_cert_verify ?? false,
                payload_format: target.payload_format ?? "",
            }),
        ),
    };
}

function checked(content: Content): Content {
    if (content.targets.length === 0) {
        throw badRequest(`empty notification target with policy ${content.name}`);
    }
    const targets = content.targets.map((target) => {
        const address = checkAddress(target.address);
        if (!targetTypes.includes(target.type)) {
            throw badRequest(`unsupported target type ${target.type} with policy ${content.name}`);
        }
        const format = target.payload_format;
        if (format !== "" && !formats.includes(format)) {
            throw badRequest(`unsupported payload format type: ${format}`);
        }
        const isHttp = target.type === "http";
        return { ...target, address, payload_format: format === "" && isHttp ? "Default" : format };
    });
    if (content.events.length === 0) {
        throw badRequest("empty event type");
    }
    const unknown = content.events.find((event) => !eventTypes.includes(event));
    if (unknown !== undefined) {
        throw badRequest(`unsupported event type ${unknown}`);
    }
    return { ...content, targets };
}

function targetView(target: WebhookTarget): object {
    return Object.fromEntries(
        Object.entries(target).filter(([key, value]) => value !== "" || key === "address"),
    );
}

function view(hook: Webhook): object {
    return {
        creation_time: hook.created,
        ...(hook.creator === "" ? {} : { creator: hook.creator }),
        ...(hook.description === "" ? {} : { description: hook.description }),
        enabled: hook.enabled,
        event_types: hook.events,
        id: hook.id,
        ...(hook.name === "" ? {} : { name: hook.name }),
        project_id: hook.projectId,
        targets: hook.targets.map(targetView),
        update_time: hook.updated,
    };
}

const nameTaken = (call: Call, projectId: number, name: string, besides: number): boolean =>
    call.services.store
        .of("webhooks")
        .find((h) => h.projectId === projectId && h.name === name && h.id !== besides) !==
    undefined;

function create(call: Call): Reply {
    const given = read(call);
    const project = projectFor(call, "notification-policy", "create");
    const content = checked(given);
    const hooks = call.services.store.of("webhooks");
    const next = hooks.nextId();
    if (nameTaken(call, project.id, content.name, 0)) {
        throw conflict(`notification policy named ${content.name} already exists`);
    }
    const id = given.id > 0 && hooks.get(given.id) === undefined ? given.id : next;
    const at = now();
    const more = { creator: "", created: at, updated: at };
    hooks.put({ ...content, id, projectId: project.id, ...more });
    const place = call.param("project_name_or_id");
    const Location = `/api/v2.0/projects/${place}/webhook/policies/${id}`;
    return { status: 201, headers: { Location } };
}

/** The webhook in a path. @throws Fault when the account may not do this to it */
export function findHook(call: Call, action: string): Webhook {
    const project = projectFor(call, "notification-policy", action);
    const id = call.number("webhook_policy_id");
    const hook = call.services.store.of("webhooks").get(id);
    if (hook === undefined || hook.projectId !== project.id) {
        throw notFound(`notificationPolicy ${id} not found`);
    }
    return hook;
}

function update(call: Call): Reply {
    const given = read(call);
    const hook = findHook(call, "update");
    const content = checked(given);
    if (nameTaken(call, hook.projectId, content.name, hook.id)) {
        throw conflict(`notification policy named ${content.name} already exists`);
    }
    // Harbor loses the creation time here.
    call.services.store
        .of("webhooks")
        .update(hook.id, { ...content, id: hook.id, created: zeroTime });
    return {};
}

function remove(call: Call): Reply {
    const hook = findHook(call, "delete");
    const { store } = call.services;
    const mine = deliveriesOf(store, hook.id);
    if (mine.some((execution) => !isFinal(execution))) {
        throw new Fault(
            412,
            "UNKNOWN",
            `failed to delete executions for webhook of policy ${hook.id}: contains executions that aren't in final status, stop the execution first`,
        );
    }
    store.transaction(() => {
        for (const execution of mine) {
            store.of("executions").remove(execution.id);
        }
        store.of("webhooks").remove(hook.id);
    });
    return {};
}

const fields: Searchable<Webhook> = {
    name: (hook) => hook.name,
    id: (hook) => hook.id,
    enabled: (hook) => hook.enabled,
};

function listHooks(call: Call): Reply {
    const project = projectFor(call, "notification-policy", "list");
    const mine = call.services.store.of("webhooks").filter((h) => h.projectId === project.id);
    const found = search(mine, parseQ(call.query("q")), fields);
    return call.page(order(found, call.query("sort"), fields, "-id"), view);
}

function lastTriggers(call: Call): Reply {
    const project = projectFor(call, "notification-policy", "read");
    const { store } = call.services;
    const hooks = store.of("webhooks").filter((hook) => hook.projectId === project.id);
    const json = hooks
        .sort((a, b) => b.id - a.id)
        .flatMap((hook) =>
            hook.events.map((event) => {
                const last = deliveriesOf(store, hook.id)
                    .filter((execution) => execution.parameters["event_type"] === event)
                    .at(-1);
                return {
                    creation_time: hook.created,
                    ...(hook.enabled ? { enabled: true } : {}),
                    event_type: event,
                    last_trigger_time: last?.started ?? zeroTime,
                    ...(hook.name === "" ? {} : { policy_name: hook.name }),
                };
            }),
        );
    return { json };
}

export function webhookRoutes(api: Api): void {
    const all = "/projects/:project_name_or_id/webhook";
    api.on("GET", `${all}/events`, (call) => {
        projectFor(call, "notification-policy", "read");
        const payload = [{ formats, notify_type: "http" }];
        const json = { event_type: eventTypes, notify_type: targetTypes, payload_formats: payload };
        return { json };
    });
    api.on("GET", `${all}/lasttrigger`, lastTriggers);
    api.on("GET", `${all}/policies`, listHooks);
    api.on("POST", `${all}/policies`, create);
    api.on("GET", `${all}/policies/:webhook_policy_id`, (call) => ({
        json: view(findHook(call, "read")),
    }));
    api.on("PUT", `${all}/policies/:webhook_policy_id`, update);
    api.on("DELETE", `${all}/policies/:webhook_policy_id`, remove);
}
