import type { ObjectType, Properties } from "../property";
import { oneOf, plainName, secretStrength, wholeNumber } from "../rules";

/** Harbor counts a duration in days from the robot account's creation, in 32 bits. */
const durationMax = 2_147_483_646;

const access = {
    name: "RobotAccountPermissionAccess",
    description: "Something a robot account may do.",
    properties: {
        resource: {
            type: "string",
            required: true,
            description: "What it may act on, such as `repository`, `artifact` or `tag`.",
        },
        action: {
            type: "string",
            required: true,
            description: "What it may do with it, such as `pull`, `push`, `list` or `delete`.",
        },
        effect: {
            type: "string",
            check: oneOf("", "allow", "deny"),
            // Harbor keeps the word as given and reads none as `allow`.
            normalize: (value: string) => (value === "allow" ? "" : value),
            description: "`allow` or `deny`. Default: allow.",
        },
    },
} as const satisfies ObjectType;

const permission = {
    name: "RobotAccountPermission",
    description: "What a robot account may do in one place.",
    properties: {
        kind: {
            type: "string",
            required: true,
            check: oneOf("project", "system"),
            description: "`project` or `system`.",
        },
        namespace: {
            type: "string",
            required: true,
            description:
                "Name of the project; `*` for all projects (system level only); `/` for kind `system`.",
        },
        accesses: {
            type: { list: access, unordered: true },
            required: true,
            check: (value: readonly unknown[]) =>
                value.length === 0 ? "is empty, expecting at least one access" : undefined,
            description: "What it may do there.",
        },
    },
} as const satisfies ObjectType;

/** Inputs and outputs of `harbor.RobotAccount`. */
export const robotAccountProperties = {
    name: {
        type: "string",
        autoNamed: true,
        replace: true,
        check: plainName,
        description:
            "Short name, to which Harbor adds its prefix and, at project level, the project: see `fullName`. Default: the logical name and seven random digits.",
    },
    level: {
        type: "string",
        required: true,
        replace: true,
        check: oneOf("project", "system"),
        description: "`project` for one project, `system` for several or for the system itself.",
    },
    permissions: {
        type: { list: permission, unordered: true },
        required: true,
        check: (value: readonly unknown[]) =>
            value.length === 0 ? "is empty, expecting at least one permission" : undefined,
        description: "What the robot account may do. At level `project` exactly one.",
    },
    description: {
        type: "string",
        description: "What the robot account is for.",
    },
    disable: {
        type: "boolean",
        default: false,
        description: "Whether it cannot log in. Default: false.",
    },
    duration: {
        type: "number",
        default: -1,
        check: (value: number) =>
            value === -1 || wholeNumber(1, durationMax)(value) === undefined
                ? undefined
                : `${value} is no duration, expecting whole days from 1 to ${durationMax}, or -1 for ever`,
        description: "Days until it expires, counted from its creation; -1 is never. Default: -1.",
    },
    secret: {
        type: "string",
        secret: true,
        computed: true,
        check: secretStrength,
        description:
            "Password of the robot account: 8 to 128 characters with an upper-case letter, a lower-case letter and a digit. Default: Harbor makes one.",
    },
    secretWo: {
        type: "string",
        secret: true,
        writeOnly: true,
        check: secretStrength,
        description:
            "Password that is not kept among the outputs. Sent again when `secretWoVersion` changes.",
    },
    secretWoVersion: {
        type: "number",
        description: "Change it to send `secretWo` again.",
    },
    fullName: {
        type: "string",
        outputOnly: true,
        description: "Login name, such as `robot$shop+ci`.",
    },
    robotId: {
        type: "string",
        outputOnly: true,
        description: "Number of the robot account.",
    },
} satisfies Properties;
