import type { Api, Call, Reply } from "./core/api";
import { badRequest, conflict, notFound } from "./core/fault";
import { int64, string, struct } from "./core/goJson";
import { order, parseQ, type Searchable, search } from "./core/listing";
import type { UserGroup } from "./core/model";
import { requireLogin, requireSystem } from "./core/policy";

const ldapType = 1;

export const groupShape = struct("UserGroup", {
    id: int64,
    group_name: string(),
    group_type: int64,
    ldap_group_dn: string(),
});

function view(group: UserGroup): object {
    return {
        group_name: group.name,
        group_type: group.type,
        id: group.id,
        ...(group.ldapDn === "" ? {} : { ldap_group_dn: group.ldapDn }),
    };
}

const fields: Searchable<UserGroup> = {
    group_name: (group) => group.name,
    group_type: (group) => group.type,
    id: (group) => group.id,
};

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
    const { id } = addGroup(call, name, type, dn);
    return { status: 201, headers: { Location: `/api/v2.0/usergroups/${id}` } };
}

function list(call: Call): Reply {
    requireSystem(call.account, "user-group", "list");
    const all = call.services.store.of("userGroups").values();
    const found = search(all, parseQ(call.query("q")), fields);
    return call.page(order(found, call.query("sort"), fields, "id"), view);
}

function searchByName(call: Call): Reply {
    requireLogin(call.account);
    const text = call.query("groupname") ?? "";
    const found = call.services.store.of("userGroups").filter((g) => g.name.includes(text));
    return call.page(order(found, null, fields, "group_name"), view);
}

function find(call: Call, action: string): UserGroup {
    requireSystem(call.account, "user-group", action);
    const id = call.number("group_id");
    const group = call.services.store.of("userGroups").get(id);
    if (group === undefined) {
        throw notFound(`user group ${id} not found`);
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
        call.services.store.of("userGroups").update(find(call, "update").id, { name });
        return {};
    });
    api.on("DELETE", "/usergroups/:group_id", (call) => {
        const { id } = find(call, "delete");
        const { store } = call.services;
        store.of("members").removeWhere((m) => m.entityType === "g" && m.entityId === id);
        store.of("userGroups").remove(id);
        return {};
    });
}
