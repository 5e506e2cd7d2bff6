import type { HarborClient } from "../../harbor/client";
import { type Json, requiredNumber, text } from "../../harbor/json";
import { type Created, createOnce } from "../../harbor/once";
import { idFromLocation, projectPath } from "../../harbor/project";

/** Who a member is: a user, or a group by id or by name and type. */
export type Entity =
    | { readonly user: string }
    | {
          readonly groupId?: number | undefined;
          readonly groupName?: string | undefined;
          /** 1 LDAP, 2 internal, 3 OIDC. */
          readonly groupType: number;
          readonly ldapGroupDn?: string | undefined;
      };

/** A user or group with a role in a project. */
export interface Member {
    readonly id: number;
    /** 1 administrator, 2 developer, 3 guest, 4 maintainer, 5 limited guest. */
    readonly roleId: number;
    readonly entityId: number;
    readonly entityName: string;
    /** `u` for users, `g` for groups. */
    readonly entityType: string;
}

/** Reads a member; undefined when missing. */
export async function getMember(
    client: HarborClient,
    projectId: number,
    id: number,
): Promise<Member | undefined> {
    const found = await client.find(`${membersPath(projectId)}/${id}`, "member");
    return found && parseMember(found);
}

/** Every member of a project. */
export async function listMembers(client: HarborClient, projectId: number): Promise<Member[]> {
    return (await client.list(membersPath(projectId))).map(parseMember);
}

/** Adds a member and returns the member's id. */
export async function createMember(
    client: HarborClient,
    projectId: number,
    entity: Entity,
    roleId: number,
): Promise<Created<number>> {
    return createOnce({
        post: () => client.post(membersPath(projectId), { role_id: roleId, ...entityBody(entity) }),
        fromAnswer: idFromLocation,
        find: async () => {
            const found = (await listMembers(client, projectId)).find((member) =>
                isEntity(member, entity),
            );
            // Harbor stores no time of joining, and an entity is a member only once. A member with
            // the requested role is therefore a success of this request.
            if (found?.roleId !== roleId) return undefined;
            return { value: found.id, createdMs: Date.now() };
        },
    });
}

/** Changes a member's role. Harbor answers 200 for missing members, too. */
export async function updateMember(
    client: HarborClient,
    projectId: number,
    id: number,
    roleId: number,
): Promise<void> {
    await client.put(`${membersPath(projectId)}/${id}`, { role_id: roleId });
}

function membersPath(projectId: number): string {
    return `${projectPath(projectId)}/members`;
}

function isEntity(member: Member, entity: Entity): boolean {
    if ("user" in entity) return member.entityType === "u" && member.entityName === entity.user;
    if (member.entityType !== "g") return false;
    return entity.groupId === undefined
        ? member.entityName === entity.groupName
        : member.entityId === entity.groupId;
}

function entityBody(entity: Entity): Json {
    if ("user" in entity) return { member_user: { username: entity.user } };
    return {
        member_group: {
            id: entity.groupId,
            group_name: entity.groupName,
            group_type: entity.groupType,
            ldap_group_dn: entity.ldapGroupDn,
        },
    };
}

function parseMember(json: Json): Member {
    return {
        id: requiredNumber(json, "id"),
        roleId: requiredNumber(json, "role_id"),
        entityId: requiredNumber(json, "entity_id"),
        entityName: text(json, "entity_name") ?? "",
        entityType: text(json, "entity_type") ?? "",
    };
}
