import type { HarborClient } from "./client";
import { hasStatus } from "./error";
import { type Json, object, requiredNumber, text } from "./json";

/** A group of users, from LDAP, OIDC or Harbor itself. */
export interface Group {
    readonly id: number;
    readonly name: string;
    /** 1 LDAP, 2 internal, 3 OIDC. */
    readonly type: number;
    readonly ldapGroupDn: string | undefined;
}

/** Reads a group; undefined when there is none, or this login may not see it. */
export async function getGroup(client: HarborClient, id: number): Promise<Group | undefined> {
    try {
        return parseGroup(object((await client.get(`/usergroups/${id}`)).body, "group"));
    } catch (error) {
        if (hasStatus(error, 401, 403, 404)) return undefined;
        throw error;
    }
}

/** Every group, or those whose name holds `name`. For system administrators. */
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

function parseGroup(json: Json): Group {
    return {
        id: requiredNumber(json, "id"),
        name: text(json, "group_name") ?? "",
        type: requiredNumber(json, "group_type"),
        ldapGroupDn: text(json, "ldap_group_dn"),
    };
}
