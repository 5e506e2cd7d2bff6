import { badRequest, Fault } from "./core/fault";
import type { Access, Permission } from "./core/model";
import type { Store } from "./core/store";

type Table = readonly (readonly [resource: string, actions: string])[];

/** Permissions that a robot can have in a project, in Harbor's order. */
const projectActions: Table = [
    ["log", "list"],
    ["project", "read delete update"],
    ["metadata", "read create delete list update"],
    ["repository", "read update delete list pull push"],
    ["artifact", "read create list delete"],
    ["scan", "create read stop"],
    ["sbom", "create stop read"],
    ["tag", "create list delete"],
    ["accessory", "list"],
    ["artifact-addition", "read"],
    ["artifact-label", "create delete"],
    ["scanner", "create read"],
    ["preheat-policy", "read create delete list update"],
    ["immutable-tag", "create delete list update"],
    ["notification-policy", "read create delete list update"],
    ["tag-retention", "read create delete list update"],
    ["label", "read create delete list update"],
    ["quota", "read"],
    ["robot", "create read list delete"],
    ["export-cve", "create read"],
    ["member", "create read update list delete"],
];

/** Permissions that a robot can have in the system. */
const systemActions: Table = [
    ["audit-log", "list"],
    ["preheat-instance", "read create delete list update"],
    ["project", "list create"],
    ["replication-policy", "read create delete list update"],
    ["replication", "read create list"],
    ["replication-adapter", "list"],
    ["registry", "read create delete list update"],
    ["scan-all", "read update stop create"],
    ["system-volumes", "read"],
    ["garbage-collection", "read create list update stop"],
    ["purge-audit", "read create list update stop"],
    ["jobservice-monitor", "list stop"],
    ["scanner", "read create delete list update"],
    ["label", "read create delete update"],
    ["security-hub", "read list"],
    ["catalog", "read"],
    ["quota", "read list"],
    ["robot", "create read list delete"],
    ["user", "create read update list delete"],
    ["ldap-user", "create list"],
    ["quota", "update"],
    ["user-group", "create read update list delete"],
];

export interface GivenPermission {
    readonly kind?: string | undefined;
    readonly namespace?: string | undefined;
    readonly access?:
        | readonly {
              readonly resource?: string | undefined;
              readonly action?: string | undefined;
              readonly effect?: string | undefined;
          }[]
        | undefined;
}

const flat = (table: Table): Access[] =>
    table.flatMap(([resource, actions]) =>
        actions.split(" ").map((action) => ({ action, resource })),
    );

/** The answer of `GET /permissions`. */
export const grantable = (): object => ({
    project: flat(projectActions),
    system: flat(systemActions),
});

/** Refuses permissions that Harbor refuses, in Harbor's order of checks. */
export function checkPermissions(level: string, given: readonly GivenPermission[]): void {
    if (given.length === 0) {
        throw badRequest("bad request empty permission");
    }
    if (given.some((permission) => (permission.access ?? []).length === 0)) {
        throw badRequest("bad request empty access");
    }
    if (level === "project" && given.length > 1) {
        throw badRequest("bad request permission");
    }
    for (const { kind = "", access = [] } of given) {
        if (kind !== "project" && kind !== "system") {
            throw badRequest(`bad request permission level: ${kind}`);
        }
        const table = kind === "project" ? projectActions : systemActions;
        for (const { resource = "", action = "" } of access) {
            if (!flat(table).some((one) => one.resource === resource && one.action === action)) {
                throw badRequest(`bad request permission: ${resource}:${action}`);
            }
        }
    }
}

const key = (scope: Permission["scope"], access: Access): string =>
    `${scope} ${access.resource} ${access.action} ${access.effect ?? ""}`;

/** Normalizes given permissions for the store: one per namespace, each access once. */
export function storePermissions(store: Store, given: readonly Permission[]): Permission[] {
    const merged = new Map<Permission["scope"], Permission>();
    for (const { kind, scope, access } of given) {
        const before = merged.get(scope)?.access ?? [];
        const added = [...before];
        for (const one of access) {
            if (!added.some((other) => key(scope, other) === key(scope, one))) {
                added.push(one);
            }
            if (store.of("policies").get(key(scope, one)) === undefined) {
                const number = store.nextId("policies");
                store.of("policies").put({ id: key(scope, one), number });
            }
        }
        merged.set(scope, { kind, scope, access: added });
    }
    return [...merged.values()];
}

/**
 * Permissions as Harbor shows them: by namespace, and within a namespace by the order in which each
 * permission was first used for any robot.
 */
export function showPermissions(store: Store, permissions: readonly Permission[]): object[] {
    const number = (scope: Permission["scope"], access: Access): number =>
        store.of("policies").get(key(scope, access))?.number ?? 0;
    return permissions
        .map(({ kind, scope, access }) => ({
            access: [...access].sort((a, b) => number(scope, a) - number(scope, b)),
            kind,
            namespace:
                typeof scope === "string" ? scope : (store.of("projects").get(scope)?.name ?? ""),
        }))
        .sort((a, b) => (a.namespace < b.namespace ? -1 : a.namespace > b.namespace ? 1 : 0));
}

/** A robot cannot grant permissions that it does not have. */
export function requireSubset(creator: readonly Permission[], asked: readonly Permission[]): void {
    for (const { kind, scope, access } of asked) {
        const held = creator
            .filter((one) => one.kind === kind && (one.scope === scope || one.scope === "*"))
            .flatMap((one) => one.access);
        const excess = access.find(
            (one) => !held.some((h) => h.resource === one.resource && h.action === one.action),
        );
        if (excess !== undefined) {
            throw new Fault(
                403,
                "DENIED",
                "permission scope is invalid. It must be equal to or more restrictive than the " +
                    `creator robot's permissions: ${excess.resource}:${excess.action}`,
            );
        }
    }
}
