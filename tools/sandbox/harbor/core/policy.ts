import { type Account, isSystemAdmin } from "./account";
import { forbidden, unauthorized } from "./fault";
import type { Permission, Project } from "./model";
import type { Store } from "./store";

type Table = Readonly<Record<string, string>>;

/** Actions of each role in a project, by resource; `project` itself is the resource `project`. */
const projectAdmin: Table = {
    project: "read update delete",
    member: "create read update delete list",
    metadata: "create read update delete",
    log: "list",
    label: "create read update delete list",
    quota: "read",
    repository: "create read update delete list pull push",
    "tag-retention": "create read update delete list operate",
    "immutable-tag": "create update delete list",
    configuration: "read update",
    robot: "create read update delete list",
    "notification-policy": "create read update delete list",
    scan: "create read stop",
    sbom: "create read stop",
    scanner: "read create",
    artifact: "create read delete list",
    "artifact-label": "create delete",
    "artifact-addition": "read",
    accessory: "list",
    tag: "create list delete",
};

const maintainer: Table = {
    ...projectAdmin,
    project: "read",
    member: "read list",
    configuration: "read",
    robot: "read list",
    "notification-policy": "read list",
};

const developer: Table = {
    project: "read",
    member: "read list",
    log: "list",
    label: "read list",
    quota: "read",
    repository: "create read update list pull push",
    configuration: "read",
    robot: "read list",
    scan: "read",
    sbom: "read",
    artifact: "create read list",
    "artifact-label": "create delete",
    "artifact-addition": "read",
    accessory: "list",
    tag: "create list",
};

const guest: Table = {
    project: "read",
    member: "read list",
    log: "list",
    label: "read list",
    quota: "read",
    repository: "read list pull",
    configuration: "read",
    robot: "read list",
    scan: "read",
    sbom: "read",
    artifact: "read list",
    "artifact-addition": "read",
    accessory: "list",
    tag: "list",
};

const limitedGuest: Table = {
    project: "read",
    quota: "read",
    repository: "list pull",
    configuration: "read",
    scan: "read",
    sbom: "read",
    artifact: "read list",
    "artifact-addition": "read",
    accessory: "list",
    tag: "list",
};

/** Actions of everyone in a public project. */
const publicProject: Table = {
    project: "read",
    label: "read list",
    repository: "read list pull",
    configuration: "read",
    scan: "read",
    sbom: "read",
    artifact: "read list",
    "artifact-addition": "read",
    accessory: "list",
    tag: "list",
};

const roles: Readonly<Record<number, Table>> = {
    1: projectAdmin,
    2: developer,
    3: guest,
    4: maintainer,
    5: limitedGuest,
};

export const roleNames: Readonly<Record<number, string>> = {
    1: "projectAdmin",
    2: "developer",
    3: "guest",
    4: "maintainer",
    5: "limitedGuest",
};

const allows = (table: Table | undefined, resource: string, action: string): boolean =>
    table?.[resource]?.split(" ").includes(action) ?? false;

export const isPublic = (project: Project): boolean => project.metadata["public"] === "true";

/** The roles of a user in a project by membership only. */
export function memberRoles(store: Store, account: Account, projectId: number): number[] {
    if (account.kind !== "user") {
        return [];
    }
    const { id } = account.user;
    return store
        .of("members")
        .filter((m) => m.projectId === projectId && m.entityType === "u" && m.entityId === id)
        .map((member) => member.roleId)
        .filter((role) => roles[role] !== undefined);
}

const grants = (permission: Permission, resource: string, action: string): boolean =>
    permission.access.some(
        (one) => one.resource === resource && one.action === action && one.effect !== "deny",
    );

/** Whether the account may do this to a resource of the project. */
export function may(
    store: Store,
    account: Account,
    project: Project,
    resource: string,
    action: string,
): boolean {
    if (isSystemAdmin(account)) {
        return true;
    }
    if (isPublic(project) && allows(publicProject, resource, action)) {
        return true;
    }
    if (account.kind === "robot") {
        return account.robot.permissions.some(
            (permission) =>
                permission.kind === "project" &&
                (permission.scope === "*" || permission.scope === project.id) &&
                grants(permission, resource, action),
        );
    }
    return memberRoles(store, account, project.id).some((role) =>
        allows(roles[role], resource, action),
    );
}

/** Whether the account may do this to a resource of the system. */
export function maySystem(account: Account, resource: string, action: string): boolean {
    if (account.kind === "robot") {
        return account.robot.permissions.some(
            (permission) => permission.kind === "system" && grants(permission, resource, action),
        );
    }
    return isSystemAdmin(account);
}

/** Refuses unless the account may do this to the system; Harbor's message is the account's name. */
export function requireSystem(account: Account, resource: string, action: string): void {
    if (account.kind === "anonymous") {
        throw unauthorized();
    }
    if (!maySystem(account, resource, action)) {
        throw forbidden(account.name);
    }
}

/** Refuses an anonymous account. */
export function requireLogin(
    account: Account,
): asserts account is Exclude<Account, { kind: "anonymous" }> {
    if (account.kind === "anonymous") {
        throw unauthorized();
    }
}

/** The actions of a role in a project, for `/users/current/permissions`. */
export function roleActions(role: number): { resource: string; action: string }[] {
    return Object.entries(roles[role] ?? {}).flatMap(([resource, actions]) =>
        actions.split(" ").map((action) => ({ resource, action })),
    );
}
