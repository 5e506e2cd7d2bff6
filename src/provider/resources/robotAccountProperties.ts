import type { ObjectType, Properties } from "../property";
import { oneOf, plainName, secretStrength, wholeNumber } from "../rules";

/** Maximum duration; Harbor counts days from the creation, in 32 bits. */
const durationMax = 2_147_483_646;

const access = {
    name: "RobotAccountPermissionAccess",
    description: "One permission of a robot account.",
    properties: {
        resource: {
            type: "string",
            required: true,
            description: "Kind of resource, such as `repository`, `artifact` or `tag`.",
        },
        action: {
            type: "string",
            required: true,
            description: "Action on the resource, such as `pull`, `push`, `list` or `delete`.",
        },
        effect: {
            type: "string",
            check: oneOf("", "allow", "deny"),
            // Harbor stores the given word, and treats a missing one as `allow`.
            normalize: (value: string) => (value === "allow" ? "" : value),
            description: "`allow` or `deny`. Default: allow.",
        },
    },
} as const satisfies ObjectType;

const permission = {
    name: "RobotAccountPermission",
    description: "Permissions of a robot account in one place.",
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
                value.length === 0 ? "is empty; expected at least one access" : undefined,
            description: "Permissions in this place.",
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
            "Short name. Harbor adds a prefix and, at project level, the project (see `fullName`). Default: the logical name and seven random digits.",
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
            value.length === 0 ? "is empty; expected at least one permission" : undefined,
        description: "Permissions of the robot account; exactly one at level `project`.",
    },
    description: {
        type: "string",
        description: "Description of the robot account.",
    },
    disable: {
        type: "boolean",
        default: false,
        description: "Whether the robot account is disabled and cannot log in. Default: false.",
    },
    duration: {
        type: "number",
        default: -1,
        check: (value: number) =>
            value === -1 || wholeNumber(1, durationMax)(value) === undefined
                ? undefined
                : `${value} is not a duration; expected whole days from 1 to ${durationMax}, or -1 (never expires)`,
        description:
            "Days from the creation until the robot account expires; -1 is never. Default: -1.",
    },
    secret: {
        type: "string",
        secret: true,
        computed: true,
        check: secretStrength,
        description:
            "Password of the robot account: 8 to 128 characters with an upper-case letter, a lower-case letter and a digit. Default: Harbor generates one.",
    },
    secretWo: {
        type: "string",
        secret: true,
        writeOnly: true,
        check: secretStrength,
        description:
            "Password that is not stored in the outputs. Sent again when `secretWoVersion` changes.",
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
