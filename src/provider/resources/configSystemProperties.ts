import type { ObjectType, Properties } from "../property";
import { oneOf, wholeNumber } from "../rules";
import { storageLimit } from "../storage";

const positive = wholeNumber(1, 2 ** 31 - 1);

const banner = {
    name: "ConfigSystemBannerMessage",
    description: "A message that Harbor's portal shows to everybody.",
    properties: {
        message: { type: "string", required: true, description: "Text of the message." },
        closable: {
            type: "boolean",
            default: false,
            description: "Whether it can be closed. Default: false.",
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
            description: "First day, as MM/DD/YYYY. Default: at once.",
        },
        toDate: {
            type: "string",
            default: "",
            description: "Last day, as MM/DD/YYYY. Default: for ever.",
        },
    },
} as const satisfies ObjectType;

/** Inputs of `harbor.ConfigSystem`. */
export const configSystemProperties = {
    projectCreationRestriction: {
        type: "string",
        default: "adminonly",
        check: oneOf("adminonly", "everyone"),
        description: "Who may make projects: `adminonly` or `everyone`. Default: adminonly.",
    },
    readOnly: {
        type: "boolean",
        default: false,
        description: "Whether nothing can be changed or pushed. Default: false.",
    },
    robotNamePrefix: {
        type: "string",
        default: "robot$",
        description:
            "Prefix of robot accounts' names. A change renames every robot account. Default: robot$.",
    },
    robotTokenExpiration: {
        type: "number",
        default: 30,
        check: positive,
        description: "Days that new robot accounts last in the portal's form. Default: 30.",
    },
    tokenExpiration: {
        type: "number",
        default: 30,
        check: positive,
        description: "Minutes that tokens of the token service last. Default: 30.",
    },
    sessionTimeout: {
        type: "number",
        default: 60,
        check: positive,
        description: "Minutes that sessions of the portal last. Default: 60.",
    },
    storagePerProject: {
        type: "number",
        default: -1,
        check: storageLimit,
        description: "Storage of new projects, in GiB; -1 is unlimited. Default: -1.",
    },
    notificationEnable: {
        type: "boolean",
        default: true,
        description: "Whether webhooks are called. Default: true.",
    },
    scannerSkipUpdatePulltime: {
        type: "boolean",
        default: false,
        description: "Whether a scan does not count as a pull. Default: false.",
    },
    auditLogForwardEndpoint: {
        type: "string",
        default: "",
        description: "Address of a syslog that gets the audit log. Default: none.",
    },
    skipAuditLogDatabase: {
        type: "boolean",
        default: false,
        description: "Whether the audit log is only forwarded, not kept. Default: false.",
    },
    disabledAuditLogEventTypes: {
        type: "string",
        description: "Events that are not logged, with commas between. Default: none.",
    },
    bannerMessage: {
        type: banner,
        description: "Message that the portal shows to everybody. Default: none.",
    },
} as const satisfies Properties;
