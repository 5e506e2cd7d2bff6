import { suggestion } from "../../text/nearest";
import type { Failure } from "../failure";
import type { Values } from "../property";
import { projectName } from "../rules";
import { Unknown } from "../values";
import type { robotAccountProperties } from "./robotAccountProperties";
import { allowable } from "./robotAllowable";

type Inputs = Partial<Values<typeof robotAccountProperties>>;
type Permission = NonNullable<Inputs["permissions"]>[number];

/** Harbor's rules for robot accounts that concern several properties. */
export function checkRobotAccount(inputs: Inputs, unknown: ReadonlySet<string>): Failure[] {
    return [...checkSecrets(inputs, unknown), ...checkPermissions(inputs)];
}

function checkSecrets(inputs: Inputs, unknown: ReadonlySet<string>): Failure[] {
    const given = (key: keyof Inputs): boolean => inputs[key] !== undefined || unknown.has(key);
    const failures: Failure[] = [];
    if (given("secret") && given("secretWo")) {
        failures.push({ property: "secretWo", reason: "cannot be given together with secret" });
    }
    if (given("secretWo") && !given("secretWoVersion")) {
        failures.push({
            property: "secretWoVersion",
            reason: "is missing: secretWo is sent when it changes, so give a number to start from",
        });
    }
    if (given("secretWoVersion") && !given("secretWo")) {
        failures.push({ property: "secretWo", reason: "is missing, but secretWoVersion is given" });
    }
    return failures;
}

function checkPermissions(inputs: Inputs): Failure[] {
    const { level, permissions } = inputs;
    if (!Array.isArray(permissions)) return [];
    const failures: Failure[] = [];
    if (level === "project" && permissions.length > 1) {
        failures.push({
            property: "permissions",
            reason: `has ${permissions.length} permissions; expected exactly one at level "project"; level "system" takes several`,
        });
    }
    permissions.forEach((permission: Permission, index) => {
        const path = `permissions[${index}]`;
        if (permission instanceof Unknown) return;
        failures.push(...checkPlace(permission, level, path), ...checkAccesses(permission, path));
    });
    return failures;
}

function checkPlace(permission: Permission, level: string | undefined, path: string): Failure[] {
    const { kind, namespace } = permission;
    const failures: Failure[] = [];
    if (kind === "system" && level === "project") {
        failures.push({
            property: `${path}.kind`,
            reason: `"system" needs level "system", and level is "project"`,
        });
    }
    if (typeof namespace !== "string" || typeof kind !== "string") return failures;
    const property = `${path}.namespace`;
    if (kind === "system") {
        if (namespace !== "/") {
            failures.push({
                property,
                reason: `"${namespace}" is not "/", which kind "system" requires`,
            });
        }
    } else if (namespace === "*") {
        if (level === "project") {
            failures.push({
                property,
                reason: `"*" means all projects, which needs level "system"; expected a project's name`,
            });
        }
    } else if (/^\/?projects\//.test(namespace)) {
        failures.push({
            property,
            reason: `"${namespace}" is a project's id; expected its name: pass project.name`,
        });
    } else {
        const reason = projectName(namespace);
        if (reason) failures.push({ property, reason });
    }
    return failures;
}

function checkAccesses(permission: Permission, path: string): Failure[] {
    const resources = typeof permission.kind === "string" ? allowable[permission.kind] : undefined;
    const { accesses } = permission;
    if (!resources || !Array.isArray(accesses)) return [];
    return accesses.flatMap((access, index): Failure[] => {
        const { resource, action } = access;
        if (typeof resource !== "string") return [];
        const actions = resources[resource];
        const at = `${path}.accesses[${index}]`;
        if (!actions) {
            return [
                {
                    property: `${at}.resource`,
                    reason: `kind "${permission.kind}" has no resource "${resource}"${suggestion(resource, Object.keys(resources))}`,
                },
            ];
        }
        if (typeof action !== "string" || actions.includes(action)) return [];
        return [
            {
                property: `${at}.action`,
                reason: `"${action}" is not an action of "${resource}" in kind "${permission.kind}"; expected one of ${actions.join(", ")}`,
            },
        ];
    });
}
