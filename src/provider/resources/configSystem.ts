import type { HarborClient } from "../../harbor/client";
import { flag, type Json, number, object, text } from "../../harbor/json";
import { tryParse } from "../../text/lenientJson";
import { type Failure, UserError } from "../failure";
import { getSettings, setSettings } from "../harbor/settings";
import { onlyId } from "../ids";
import type { Values } from "../property";
import { resource, type State } from "../resource";
import { toBytes, toGiB } from "../storage";
import type { Bag } from "../values";
import { configSystemProperties } from "./configSystemProperties";

type Inputs = Values<typeof configSystemProperties>;

const id = "configuration/system";

/** `harbor.ConfigSystem`: system-wide settings. */
export const configSystem = resource({
    token: "harbor:index/configSystem:ConfigSystem",
    description:
        "System-wide settings. Harbor has one set, so declare it once. Missing settings get their defaults. Deleting the resource changes nothing in Harbor. Needs a system administrator.",
    idAlias: "configSystemId",
    properties: configSystemProperties,
    identity: [],
    importForms: id,
    check(inputs, unknown): Failure[] {
        if (!inputs.skipAuditLogDatabase || inputs.auditLogForwardEndpoint) return [];
        if (unknown.has("auditLogForwardEndpoint")) return [];
        const reason = "is missing: without it, skipAuditLogDatabase would lose the audit log";
        return [{ property: "auditLogForwardEndpoint", reason }];
    },
    create: (inputs, { client }) => write(inputs, client),
    async read(asked, _prior, { client }) {
        onlyId(asked, id);
        const settings = await getSettings(client);
        if (!settings) {
            throw new UserError("Harbor's settings can be read by system administrators only");
        }
        return { id, outputs: fromSettings(settings) };
    },
    update: (_id, inputs, _olds, { client }) => write(inputs, client),
    async delete() {}, // Harbor always has settings, so there is nothing to restore.
});

async function write(inputs: Inputs, client: HarborClient): Promise<State> {
    await setSettings(client, toSettings(inputs));
    return { id, outputs: {} };
}

function toSettings(inputs: Inputs): Json {
    const { bannerMessage } = inputs;
    return {
        project_creation_restriction: inputs.projectCreationRestriction,
        read_only: inputs.readOnly,
        robot_name_prefix: inputs.robotNamePrefix,
        robot_token_duration: inputs.robotTokenExpiration,
        token_expiration: inputs.tokenExpiration,
        session_timeout: inputs.sessionTimeout,
        storage_per_project: toBytes(inputs.storagePerProject),
        notification_enable: inputs.notificationEnable,
        scanner_skip_update_pulltime: inputs.scannerSkipUpdatePulltime,
        audit_log_forward_endpoint: inputs.auditLogForwardEndpoint,
        skip_audit_log_database: inputs.skipAuditLogDatabase,
        disabled_audit_log_event_types: inputs.disabledAuditLogEventTypes ?? "",
        // Harbor stores the message as JSON text.
        banner_message: bannerMessage ? JSON.stringify(completeBanner(bannerMessage)) : "",
    };
}

function completeBanner(banner: NonNullable<Inputs["bannerMessage"]>): Json {
    const { message, closable, type, fromDate, toDate } = banner;
    return {
        message,
        closable: closable ?? false,
        type: type ?? "info",
        fromDate: fromDate ?? "",
        toDate: toDate ?? "",
    };
}

function fromSettings(settings: Json): Bag {
    return {
        projectCreationRestriction: text(settings, "project_creation_restriction"),
        readOnly: flag(settings, "read_only"),
        robotNamePrefix: text(settings, "robot_name_prefix"),
        robotTokenExpiration: number(settings, "robot_token_duration"),
        tokenExpiration: number(settings, "token_expiration"),
        sessionTimeout: number(settings, "session_timeout"),
        storagePerProject: toGiB(number(settings, "storage_per_project") ?? -1),
        notificationEnable: flag(settings, "notification_enable"),
        scannerSkipUpdatePulltime: flag(settings, "scanner_skip_update_pulltime"),
        auditLogForwardEndpoint: text(settings, "audit_log_forward_endpoint"),
        skipAuditLogDatabase: flag(settings, "skip_audit_log_database"),
        disabledAuditLogEventTypes: text(settings, "disabled_audit_log_event_types"),
        bannerMessage: parseBanner(text(settings, "banner_message")),
    };
}

function parseBanner(written: string | undefined): Json | undefined {
    if (!written) return undefined;
    const banner = object(tryParse(written) ?? written, "banner_message");
    return {
        message: text(banner, "message") ?? "",
        closable: flag(banner, "closable"),
        type: text(banner, "type"),
        fromDate: text(banner, "fromDate"),
        toDate: text(banner, "toDate"),
    };
}
