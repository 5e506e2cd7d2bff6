import type { HarborClient } from "../../harbor/client";
import { explaining, UserError } from "../failure";
import { createMember, type Entity, getMember, updateMember } from "../harbor/member";
import { canonicalProjectId, memberOf, projectIdProperty, projectNumber } from "../ids";
import type { Properties } from "../property";
import type { State } from "../resource";
import { canonicalRole, fromRoleId, roleRule, toRoleId } from "./roles";

/** Properties of both kinds of members. */
export const membershipProperties = {
    projectId: projectIdProperty,
    role: {
        type: "string",
        required: true,
        check: roleRule,
        normalize: canonicalRole,
        description: "`projectadmin`, `maintainer`, `developer`, `guest` or `limitedguest`.",
    },
    memberId: {
        type: "number",
        outputOnly: true,
        description: "Number of the membership in the project.",
    },
} as const satisfies Properties;

interface Inputs {
    readonly projectId: string;
    readonly role: string;
}

/** Adds a member. `who` names the member in messages. */
export async function createMembership(
    client: HarborClient,
    inputs: Inputs,
    entity: Entity,
    who: { readonly property: string; readonly name: string },
): Promise<State> {
    const projectId = projectNumber(inputs.projectId);
    const created = await createMember(client, projectId, entity, toRoleId(inputs.role)).catch(
        explain(inputs, who),
    );
    return {
        id: `/projects/${projectId}/members/${created.value}`,
        outputs: { memberId: created.value, projectId: canonicalProjectId(inputs.projectId) },
    };
}

function explain(
    { projectId }: Inputs,
    { property, name }: { readonly property: string; readonly name: string },
) {
    const withReason = ({ reason }: { readonly reason: string }) => `${property}: ${reason}`;
    return explaining({
        400: withReason,
        404: withReason,
        409: () =>
            `${property}: "${name}" is a member of ${projectId} already. To manage the membership here, import it with \`pulumi import\` and the id ${canonicalProjectId(projectId)}/members/ID, which getProjectMemberUsers or getProjectMemberGroups returns`,
    });
}

/** Reads a membership; undefined when it is gone or of the other kind. */
export async function readMembership(
    client: HarborClient,
    id: string,
    entityType: "u" | "g",
): Promise<{ state: State; entityId: number; entityName: string } | undefined> {
    const { projectId, member } = membershipOf(id);
    const found = await getMember(client, projectId, member);
    if (!found || found.entityType !== entityType) return undefined;
    const state = {
        id: `/projects/${projectId}/members/${member}`,
        outputs: {
            projectId: `/projects/${projectId}`,
            memberId: member,
            role: fromRoleId(found.roleId),
        },
    };
    return { state, entityId: found.entityId, entityName: found.entityName };
}

/** Changes a member's role and verifies the change, because Harbor accepts any member's number. */
export async function updateMembership(
    client: HarborClient,
    id: string,
    inputs: Inputs,
): Promise<State> {
    const { projectId, member } = membershipOf(id);
    const roleId = toRoleId(inputs.role);
    await updateMember(client, projectId, member, roleId);
    const found = await getMember(client, projectId, member);
    if (!found) {
        throw new UserError(
            `membership ${id} no longer exists; \`pulumi refresh\` notices it, and the next update creates it again`,
        );
    }
    return {
        id,
        outputs: {
            memberId: member,
            projectId: `/projects/${projectId}`,
            role: fromRoleId(found.roleId),
        },
    };
}

/** Harbor's path and the numbers of a membership. */
export const membershipOf = (id: string) => memberOf(id, "members", "a membership");
