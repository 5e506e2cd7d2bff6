import type { HarborClient } from "../../harbor/client";
import { type Json, requiredNumber, text } from "../../harbor/json";
import { createOnce } from "../../harbor/once";
import { idFromLocation } from "../../harbor/project";
import { hasStatus } from "../../http/error";

/** A group of users, from LDAP, OIDC or Harbor itself. */
export interface Group {
    readonly id: number;
    readonly name: string;
    /** 1 LDAP, 2 internal, 3 OIDC. */
    readonly type: number;
    readonly ldapGroupDn: string | undefined;
}

/** Reads a group; undefined when missing. For system administrators. */
export async function getGroup(client: HarborClient, id: number): Promise<Group | undefined> {
    // Harbor leaves out the id in this answer.
    const found = await client.find(`/usergroups/${id}`, "group");
    return found && parseGroup({ ...found, id });
}

/**
 * A group as far as this login may see it. To anyone but a system administrator, Harbor returns only
 * names and kinds, without the distinguished name.
 */
export async function findGroup(
    client: HarborClient,
    group: { readonly id: number; readonly name: string },
): Promise<Group | undefined> {
    try {
        return await getGroup(client, group.id);
    } catch (error) {
        if (!hasStatus(error, 403)) throw error;
    }
    const named = await client.list("/usergroups/search", { groupname: group.name });
    return named.map(parseGroup).find(({ id }) => id === group.id);
}

/** Every group, or the groups whose name contains `name`. For system administrators. */
export async function listGroups(
    client: HarborClient,
    query: { name?: string | undefined; ldapGroupDn?: string | undefined } = {},
): Promise<Group[]> {
    const found = await client.list("/usergroups", {
        group_name: query.name,
        ldap_group_dn: query.ldapGroupDn,
    });
    return found.map(parseGroup);
}

/** Creates a group and returns its id. */
export async function createGroup(client: HarborClient, group: Omit<Group, "id">): Promise<number> {
    const { name, type, ldapGroupDn } = group;
    const body = { group_name: name, group_type: type, ldap_group_dn: ldapGroupDn };
    const created = await createOnce({
        post: () => client.post("/usergroups", body),
        fromAnswer: idFromLocation,
        find: async () => {
            const found = (await listGroups(client, { name })).find(
                (item) => item.name === name && item.type === type,
            );
            // Harbor stores no time of creation; a group of this name and type is the requested one.
            return found && { value: found.id, createdMs: Date.now() };
        },
    });
    return created.value;
}

function parseGroup(json: Json): Group {
    return {
        id: requiredNumber(json, "id"),
        name: text(json, "group_name") ?? "",
        type: requiredNumber(json, "group_type"),
        ldapGroupDn: text(json, "ldap_group_dn"),
    };
}
