import { randomUUID } from "node:crypto";
import { tagsOf } from "./artifactStore";
import { type Artifact, type Execution, now, type Project, type Webhook } from "./core/model";
import { isPublic } from "./core/policy";
import type { Services } from "./core/services";
import type { Store } from "./core/store";
import { send } from "./remote";

export const ArtifactEvent = {
    Push: "PUSH_ARTIFACT",
    Pull: "PULL_ARTIFACT",
    Delete: "DELETE_ARTIFACT",
} as const;
export type ArtifactEvent = (typeof ArtifactEvent)[keyof typeof ArtifactEvent];

const cloudEventTypes: Readonly<Record<string, string>> = {
    PUSH_ARTIFACT: "harbor.artifact.pushed",
    PULL_ARTIFACT: "harbor.artifact.pulled",
    DELETE_ARTIFACT: "harbor.artifact.deleted",
    QUOTA_EXCEED: "harbor.quota.exceeded",
};
const deliveryTimeoutMs = 5_000;
const attempts = 3;

interface Occasion {
    readonly event: string;
    readonly project: Project;
    readonly operator: string;
    readonly data: object;
}

/** Past and running deliveries of a webhook, oldest first. */
export const deliveriesOf = (store: Store, webhookId: number): Execution[] =>
    store
        .of("executions")
        .filter((one) => one.vendor === "WEBHOOK" && one.vendorId === webhookId)
        .sort((a, b) => a.id - b.id);

export const isFinal = (execution: Execution): boolean => execution.status !== "Running";

/** Notifies the project's webhooks of an artifact's event. Delivery continues after the answer. */
export function tellArtifact(
    services: Services,
    event: ArtifactEvent,
    artifact: Artifact,
    operator: string,
    tag?: string,
): void {
    const { store } = services;
    const project = store.of("projects").get(artifact.projectId);
    const repository = store.of("repositories").get(artifact.repositoryId);
    if (project === undefined || repository === undefined) {
        return;
    }
    const inside = repository.name.slice(repository.name.indexOf("/") + 1);
    const { host } = new URL(services.externalUrl());
    const named = tag ?? tagsOf(store, artifact.id).at(0)?.name ?? "";
    const reference = named === "" ? `@${artifact.digest}` : `:${named}`;
    const data = {
        resources: [
            {
                digest: artifact.digest,
                ...(named === "" ? {} : { tag: named }),
                resource_url: `${host}/${repository.name}${reference}`,
            },
        ],
        repository: {
            date_created: Math.floor(Date.parse(repository.created) / 1000),
            name: inside,
            namespace: project.name,
            repo_full_name: repository.name,
            repo_type: isPublic(project) ? "public" : "private",
        },
    };
    notify(services, { event, project, operator, data });
}

/** Notifies the project's webhooks that a push exceeded the quota. */
export function tellQuota(services: Services, project: Project, detail: string): void {
    const data = {
        resources: [],
        repository: { namespace: project.name },
        custom_attributes: { Details: detail },
    };
    notify(services, { event: "QUOTA_EXCEED", project, operator: "", data });
}

function notify(services: Services, occasion: Occasion): void {
    const { store } = services;
    if (!services.settings.flag("notification_enable")) {
        return;
    }
    const hooks = store
        .of("webhooks")
        .filter((hook) => hook.projectId === occasion.project.id && hook.enabled)
        .filter((hook) => hook.events.includes(occasion.event));
    for (const hook of hooks) {
        const payload = payloadOf(hook, occasion);
        const execution = store.of("executions").put({
            id: store.nextId("executions"),
            vendor: "WEBHOOK",
            vendorId: hook.id,
            trigger: "EVENT",
            dryRun: false,
            status: "Running",
            started: now(),
            ended: "",
            parameters: { event_type: occasion.event, payload: JSON.stringify(payload) },
        });
        void deliver(services, hook, execution, payload);
    }
}

function payloadOf(hook: Webhook, { event, operator, data }: Occasion): object {
    const [target] = hook.targets;
    if (target?.payload_format === "CloudEvents") {
        return {
            specversion: "1.0",
            id: randomUUID(),
            source: `/projects/${hook.projectId}/webhook/policies/${hook.id}`,
            type: cloudEventTypes[event] ?? event,
            datacontenttype: "application/json",
            time: now().replace(/\.\d+Z$/, "Z"),
            data,
            operator,
            requestid: randomUUID(),
        };
    }
    const occurred = Math.floor(Date.now() / 1000);
    return { type: event, occur_at: occurred, operator, event_data: data };
}

async function deliver(
    services: Services,
    hook: Webhook,
    execution: Execution,
    payload: object,
): Promise<void> {
    let status = "Success";
    for (const target of hook.targets) {
        const isCloudEvent = target.payload_format === "CloudEvents";
        const headers = {
            "content-type": isCloudEvent ? "application/cloudevents+json" : "application/json",
            ...(target.auth_header === "" ? {} : { authorization: target.auth_header }),
        };
        const body = Buffer.from(JSON.stringify(payload));
        const options = { insecure: target.skip_cert_verify, timeoutMs: deliveryTimeoutMs };
        if (!(await reaches(target.address, headers, body, options))) {
            status = "Error";
        }
    }
    if (!services.isClosed() && services.store.of("executions").get(execution.id) !== undefined) {
        services.store.of("executions").update(execution.id, { status, ended: now() });
    }
}

async function reaches(
    address: string,
    headers: Record<string, string>,
    body: Buffer,
    options: { insecure: boolean; timeoutMs: number },
): Promise<boolean> {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
        try {
            const response = await send("POST", address, headers, options, body);
            response.body.resume();
            if (response.status < 300) {
                return true;
            }
        } catch {
            // The delivery is retried below; the execution's status shows a final failure.
        }
    }
    return false;
}
