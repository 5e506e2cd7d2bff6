import { setTimeout as wait } from "node:timers/promises";
import type { HarborClient } from "../../harbor/client";
import { hasStatus } from "../../http/error";
import { explaining, type Failure } from "../failure";
import { createWebhook, getWebhook, updateWebhook, type WebhookSettings } from "../harbor/webhook";
import { canonicalProjectId, memberOf, projectIdProperty, projectNumber } from "../ids";
import type { Properties, Values } from "../property";
import { type Context, resource } from "../resource";
import { httpAddress, oneOf } from "../rules";

/** Events of Harbor 2.15.2: GET /projects/P/webhook/events. */
const events = [
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
] as const;
const eventRule = oneOf(...events);
const defaultFormat = "Default";

const properties = {
    name: {
        type: "string",
        autoNamed: true,
        replace: true,
        check: (value: string) => (value === "" ? "is empty; expected a name" : undefined),
        description: "Name of the webhook. Default: the logical name and seven random digits.",
    },
    projectId: projectIdProperty,
    notifyType: {
        type: "string",
        required: true,
        check: oneOf("http", "slack"),
        description: "Kind of notification: `http` or `slack`.",
    },
    address: {
        type: "string",
        required: true,
        check: httpAddress,
        description: "Address that Harbor calls.",
    },
    eventsTypes: {
        type: { list: "string", unordered: true },
        required: true,
        check: (value: readonly string[]) =>
            value.length === 0
                ? "is empty; expected at least one event"
                : value.map(eventRule).find((reason) => reason !== undefined),
        description: `Events that call the webhook: ${events.map((event) => `\`${event}\``).join(", ")}.`,
    },
    authHeader: {
        type: "string",
        secret: true,
        description: "Value of the `Authorization` header. Default: none.",
    },
    payloadFormat: {
        type: "string",
        check: oneOf(defaultFormat, "CloudEvents"),
        // Harbor returns the default for http, and nothing for slack.
        normalize: (value: string) => (value === defaultFormat ? "" : value),
        description: "`Default` or `CloudEvents`. Default: Default.",
    },
    description: {
        type: "string",
        description: "Description of the webhook.",
    },
    enabled: {
        type: "boolean",
        default: true,
        description: "Whether the webhook is enabled. Default: true.",
    },
    skipCertVerify: {
        type: "boolean",
        default: true,
        description:
            "Whether Harbor skips the verification of the address's certificate. Default: true, as in the bridged provider; set it to false.",
    },
} satisfies Properties;

type Inputs = Values<typeof properties>;

/** `harbor.ProjectWebhook`: an address that Harbor calls at events in a project. */
export const projectWebhook = resource({
    token: "harbor:index/projectWebhook:ProjectWebhook",
    description:
        "A webhook of a project: an address that Harbor calls at pushes, scans and other events.",
    idAlias: "projectWebhookId",
    properties,
    identity: ["name", "projectId"],
    importForms: "/projects/PROJECT/webhook/policies/ID",
    check(inputs): Failure[] {
        if (inputs.notifyType !== "slack" || inputs.payloadFormat !== "CloudEvents") return [];
        const reason = '"CloudEvents" is for notifyType "http"; slack has its own format';
        return [{ property: "payloadFormat", reason }];
    },
    async create(inputs, { client, warn }) {
        await warnUnverified(inputs, warn);
        const projectId = projectNumber(inputs.projectId);
        const { value: id } = await createWebhook(client, projectId, settings(inputs)).catch(
            explain(inputs),
        );
        return {
            id: `/projects/${projectId}/webhook/policies/${id}`,
            outputs: { projectId: canonicalProjectId(inputs.projectId) },
        };
    },
    async read(id, _prior, { client }) {
        const { projectId, member } = webhookOf(id);
        const found = await getWebhook(client, projectId, member);
        if (!found) return undefined;
        return {
            id: `/projects/${projectId}/webhook/policies/${member}`,
            outputs: {
                projectId: `/projects/${projectId}`,
                name: found.name,
                notifyType: found.type,
                address: found.address,
                eventsTypes: found.eventTypes,
                authHeader: found.authHeader,
                payloadFormat: found.payloadFormat,
                description: found.description,
                enabled: found.enabled,
                skipCertVerify: found.skipCertVerify,
            },
        };
    },
    async update(id, inputs, _olds, { client, warn }) {
        await warnUnverified(inputs, warn);
        const { projectId, member } = webhookOf(id);
        await updateWebhook(client, projectId, member, settings(inputs)).catch(explain(inputs));
        return { id, outputs: { projectId: canonicalProjectId(inputs.projectId) } };
    },
    async delete(id, _olds, { client }) {
        await deleteWhenIdle(webhookOf(id).path, client);
    },
});

/** Longest wait for running deliveries, in milliseconds. */
const idleWaitsMs = [500, 1000, 2000, 4000, 8000];

// Harbor deletes a webhook only after its deliveries have succeeded or failed.
async function deleteWhenIdle(path: string, client: HarborClient): Promise<void> {
    for (const waitMs of [...idleWaitsMs, 0]) {
        try {
            return await client.delete(path);
        } catch (error) {
            if (!hasStatus(error, 412) || waitMs === 0) throw error;
            await wait(waitMs);
        }
    }
}

// The default stays that of the bridged provider, so that states that move over show no difference.
async function warnUnverified(
    { name, address, skipCertVerify }: Inputs,
    warn: Context["warn"],
): Promise<void> {
    if (!skipCertVerify || !address.startsWith("https:")) return;
    const { origin } = new URL(address);
    await warn(
        `harbor.ProjectWebhook "${name}": skipCertVerify: Harbor sends events to ${origin} without verifying its certificate. Set skipCertVerify: false`,
    );
}

function settings(inputs: Inputs): WebhookSettings {
    return {
        name: inputs.name,
        description: inputs.description ?? "",
        enabled: inputs.enabled,
        eventTypes: inputs.eventsTypes,
        type: inputs.notifyType,
        address: inputs.address,
        authHeader: inputs.authHeader ?? "",
        skipCertVerify: inputs.skipCertVerify,
        payloadFormat:
            inputs.notifyType === "http" ? inputs.payloadFormat || defaultFormat : undefined,
    };
}

const explain = ({ name, projectId }: Inputs) =>
    explaining({
        409: () =>
            `name: webhook "${name}" already exists in ${projectId}. To manage it here, import it: \`pulumi import harbor:index/projectWebhook:ProjectWebhook NAME ${canonicalProjectId(projectId)}/webhook/policies/ID\`, with its number in Harbor for ID`,
    });

const webhookOf = (id: string) => memberOf(id, "webhook/policies", "a webhook");
