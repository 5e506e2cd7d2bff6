import type { ObjectType, Properties } from "../property";
import { oneOf, wholeNumber } from "../rules";
import { storageLimit } from "../storage";

const positive = wholeNumber(1, 2 ** 31 - 1);

const banner = {
    name: "ConfigSystemBannerMessage",
    description: "A message that Harbor's portal shows to all users.",
    properties: {
        message: { type: "string", required: true, description: "Text of the message." },
        closable: {
            type: "boolean",
            default: false,
            description: "Whether users can close the message. Default: false.",
        },
        type: {
            type: "string",
            default: "info",
            check: oneOf("info", "warning", "success", "danger"),
            description: "`info`, `warning`, `success` or `danger`. Default: info.",
        },
        fromDate: {
            type: "string",
            default: "",
            description: "First day, as MM/DD/YYYY. Default: today.",
        },
        toDate: {
            type: "string",
            default: "",
            description: "Last day, as MM/DD/YYYY. Default: no end.",
        },
    },
} as const satisfies ObjectType;

/** Inputs of `harbor.ConfigSystem`. */
export const configSystemProperties = {
    projectCreationRestriction: {
        type: "string",
        default: "adminonly",
        check: oneOf("adminonly", "everyone"),
        description: "Who may create projects: `adminonly` or `everyone`. Default: adminonly.",
    },
    readOnly: {
        type: "boolean",
        default: false,
        description: "Whether Harbor is read-only: no changes and no pushes. Default: false.",
    },
    robotNamePrefix: {
        type: "string",
        default: "robot$",
        description:
            "Prefix of robot account names. A change renames every robot account. Default: robot$.",
    },
    robotTokenExpiration: {
        type: "number",
        default: 30,
        check: positive,
        description: "Preset number of days of new robot accounts in the portal. Default: 30.",
    },
    tokenExpiration: {
        type: "number",
        default: 30,
        check: positive,
        description: "Lifetime of tokens of the token service, in minutes. Default: 30.",
    },
    sessionTimeout: {
        type: "number",
        default: 60,
        check: positive,
        description: "Lifetime of portal sessions, in minutes. Default: 60.",
    },
    storagePerProject: {
        type: "number",
        default: -1,
        check: storageLimit,
        description: "Storage quota of new projects, in GiB; -1 is unlimited. Default: -1.",
    },
    notificationEnable: {
        type: "boolean",
        default: true,
        description: "Whether Harbor calls webhooks. Default: true.",
    },
    scannerSkipUpdatePulltime: {
        type: "boolean",
        default: false,
        description: "Whether scans leave the pull time of artifacts unchanged. Default: false.",
    },
    auditLogForwardEndpoint: {
        type: "string",
        default: "",
        description: "Address of a syslog server that receives the audit log. Default: none.",
    },
    skipAuditLogDatabase: {
        type: "boolean",
        default: false,
        description:
            "Whether Harbor only forwards the audit log and does not store it. Default: false.",
    },
    disabledAuditLogEventTypes: {
        type: "string",
        description: "Events that are not logged, separated by commas. Default: none.",
    },
    bannerMessage: {
        type: banner,
        description: "Message that the portal shows to all users. Default: none.",
    },
} as const satisfies Properties;
