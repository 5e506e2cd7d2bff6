import type { Api, Call, Reply } from "./core/api";
import { badRequest, conflict, invalid, notFound } from "./core/fault";
import { int64, string, struct } from "./core/goJson";
import type { UserGroup } from "./core/model";
import { requireLogin, requireSystem } from "./core/policy";

export const ldapType = 1;

export const groupShape = struct("UserGroup", {
    id: int64,
    group_name: string(),
    group_type: int64,
    ldap_group_dn: string(),
});

/** A single group. Harbor omits the id. */
const view = (group: UserGroup): object => ({
    group_name: group.name,
    group_type: group.type,
    ...(group.ldapDn === "" ? {} : { ldap_group_dn: group.ldapDn }),
});

const listed = (group: UserGroup): object => ({ ...view(group), id: group.id });

/** A group as everyone may see it: without its distinguished name. */
const found = ({ name, type, id }: UserGroup): object => ({
    group_name: name,
    group_type: type,
    id,
});

const namedLike = (groups: readonly UserGroup[], text: string): UserGroup[] =>
    groups.filter(({ name }) => name.includes(text)).sort((a, b) => a.id - b.id);

/** Adds a group. There is no LDAP behind the sandbox, so no LDAP group is ever found. */
export function addGroup(call: Call, name: string, type: number, ldapDn: string): UserGroup {
    if (type === ldapType) {
        throw badRequest(`LDAP Group DN is not found: DN:${ldapDn}`);
    }
    const groups = call.services.store.of("userGroups");
    if (groups.find((group) => group.name === name && group.type === type) !== undefined) {
        throw conflict(
            `duplicate user group, group name:${name}, group type: ${type}, ldap group DN: ${ldapDn}`,
        );
    }
    return groups.put({ id: groups.nextId(), name, type, ldapDn });
}

function create(call: Call): Reply {
    const body = call.body("usergroup", groupShape);
    requireSystem(call.account, "user-group", "create");
    const { group_name: name = "", group_type: type = 0, ldap_group_dn: dn = "" } = body;
    if (name === "") {
        return { status: 400 };
    }
    const { id } = addGroup(call, name, type, dn);
    return { status: 201, headers: { Location: `/api/v2.0/usergroups/${id}` } };
}

function list(call: Call): Reply {
    requireSystem(call.account, "user-group", "list");
    const all = call.services.store.of("userGroups").values();
    return call.page(namedLike(all, call.query("group_name") ?? ""), listed);
}

function searchByName(call: Call): Reply {
    requireLogin(call.account);
    const text = call.query("groupname") ?? "";
    if (text === "") {
        throw invalid("groupname in query is required");
    }
    return call.page(namedLike(call.services.store.of("userGroups").values(), text), found);
}

function groupId(call: Call): number {
    const id = call.number("group_id");
    if (id <= 0) {
        throw badRequest("the group id should be provided");
    }
    return id;
}

function find(call: Call, action: string): UserGroup {
    requireSystem(call.account, "user-group", action);
    const id = groupId(call);
    const group = call.services.store.of("userGroups").get(id);
    if (group === undefined) {
        throw notFound(`the user group with id ${id} is not found`);
    }
    return group;
}

export function userGroupRoutes(api: Api): void {
    api.on("GET", "/usergroups", list);
    api.on("POST", "/usergroups", create);
    api.on("GET", "/usergroups/search", searchByName);
    api.on("GET", "/usergroups/:group_id", (call) => ({ json: view(find(call, "read")) }));
    api.on("PUT", "/usergroups/:group_id", (call) => {
        const { group_name: name = "" } = call.body("usergroup", groupShape);
        requireSystem(call.account, "user-group", "update");
        if (name === "") {
            return { status: 400 };
        }
        call.services.store.of("userGroups").update(find(call, "update").id, { name });
        return {};
    });
    api.on("DELETE", "/usergroups/:group_id", (call) => {
        requireSystem(call.account, "user-group", "delete");
        const id = groupId(call); // Also for a missing group.
        const { store } = call.services;
        store.of("members").removeWhere((m) => m.entityType === "g" && m.entityId === id);
        store.of("userGroups").remove(id);
        return {};
    });
}
