import type { HarborClient } from "../../harbor/client";
import { flag, type Json, objects, requiredNumber, text } from "../../harbor/json";
import { type Created, createOnce } from "../../harbor/once";
import { idFromLocation, projectPath } from "../../harbor/project";

/** The writable members of a webhook. */
export interface WebhookSettings {
    readonly name: string;
    readonly description: string;
    readonly enabled: boolean;
    readonly eventTypes: readonly string[];
    /** `http` or `slack`. */
    readonly type: string;
    readonly address: string;
    readonly authHeader: string;
    readonly skipCertVerify: boolean;
    /** `Default` or `CloudEvents`; undefined when the type has only one format. */
    readonly payloadFormat: string | undefined;
}

/** A project's webhook in Harbor. */
export interface Webhook extends WebhookSettings {
    readonly id: number;
    readonly createdMs: number;
}

/** Reads a webhook; undefined when missing. */
export async function getWebhook(
    client: HarborClient,
    projectId: number,
    id: number,
): Promise<Webhook | undefined> {
    const found = await client.find(`${webhooksPath(projectId)}/${id}`, "webhook");
    return found && parseWebhook(found);
}

/** Creates a webhook and returns its id. */
export async function createWebhook(
    client: HarborClient,
    projectId: number,
    settings: WebhookSettings,
): Promise<Created<number>> {
    const path = webhooksPath(projectId);
    return createOnce({
        post: () => client.post(path, webhookBody(settings)),
        fromAnswer: idFromLocation,
        find: async () => {
            const q = `name=${encodeURIComponent(settings.name)}`;
            const answer = await client.get(path, { q });
            const found = objects(answer.body, "webhooks")
                .map(parseWebhook)
                .find((webhook) => webhook.name === settings.name);
            if (!found) return undefined;
            const { createdMs } = found;
            return { value: found.id, createdMs, serverTimeMs: answer.serverTimeMs };
        },
    });
}

export async function updateWebhook(
    client: HarborClient,
    projectId: number,
    id: number,
    settings: WebhookSettings,
): Promise<void> {
    await client.put(`${webhooksPath(projectId)}/${id}`, { ...webhookBody(settings), id });
}

function webhooksPath(projectId: number): string {
    return `${projectPath(projectId)}/webhook/policies`;
}

function webhookBody(settings: WebhookSettings): Json {
    return {
        name: settings.name,
        description: settings.description,
        enabled: settings.enabled,
        event_types: settings.eventTypes,
        targets: [
            {
                type: settings.type,
                address: settings.address,
                auth_header: settings.authHeader,
                skip_cert_verify: settings.skipCertVerify,
                payload_format: settings.payloadFormat,
            },
        ],
    };
}

function parseWebhook(json: Json): Webhook {
    const target = objects(json["targets"], "targets")[0] ?? {};
    const events = json["event_types"];
    return {
        id: requiredNumber(json, "id"),
        name: text(json, "name") ?? "",
        description: text(json, "description") ?? "",
        enabled: flag(json, "enabled"),
        eventTypes: Array.isArray(events) ? events.map(String) : [],
        type: text(target, "type") ?? "",
        address: text(target, "address") ?? "",
        authHeader: text(target, "auth_header") ?? "",
        skipCertVerify: flag(target, "skip_cert_verify"),
        payloadFormat: text(target, "payload_format"),
        createdMs: Date.parse(text(json, "creation_time") ?? ""),
    };
}
