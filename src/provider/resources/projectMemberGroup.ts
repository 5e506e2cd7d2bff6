import type { HarborClient } from "../../harbor/client";
import { hasStatus, RequestError } from "../../http/error";
import type { Failure } from "../failure";
import { findGroup, listGroups } from "../harbor/group";
import type { Properties, Values } from "../property";
import { resource, type State } from "../resource";
import { oneOf } from "../rules";
import { canonicalDn } from "./ldap";
import {
    createMembership,
    membershipOf,
    membershipProperties,
    readMembership,
    updateMembership,
} from "./membership";

/** Kinds of group, with Harbor's numbers. */
const types = { ldap: 1, internal: 2, oidc: 3 } as const;
const typeRule = oneOf(...Object.keys(types));

const properties = {
    ...membershipProperties,
    type: {
        type: "string",
        required: true,
        check: (value: string) => typeRule(value.toLowerCase()),
        normalize: (value: string) => value.toLowerCase(),
        description: "Kind of group: `ldap`, `internal` or `oidc`.",
    },
    groupName: {
        type: "string",
        unmanaged: true,
        replace: true,
        description: "Name of the group. Give either this or `groupId`.",
    },
    groupId: {
        type: "number",
        unmanaged: true,
        replace: true,
        description: "Number of the group in Harbor. Give either this or `groupName`.",
    },
    ldapGroupDn: {
        type: "string",
        unmanaged: true,
        normalize: canonicalDn,
        description: "Distinguished name of an LDAP group.",
    },
} as const satisfies Properties;

type Inputs = Values<typeof properties>;

/** `harbor.ProjectMemberGroup`: a group's role in a project. */
export const projectMemberGroup = resource({
    token: "harbor:index/projectMemberGroup:ProjectMemberGroup",
    description: "A group's role in a project.",
    idAlias: "projectMemberGroupId",
    properties,
    identity: ["projectId", "groupName", "groupId"],
    importForms: "/projects/PROJECT/members/ID",
    check,
    create: (inputs, { client }) => create(inputs, client),
    async read(id, prior, { client }) {
        const found = await readMembership(client, id, "g");
        if (!found) return undefined;
        const { state, entityId, entityName } = found;
        const group = await findGroup(client, { id: entityId, name: entityName });
        const type = group ? fromType(group.type) : prior["type"];
        return {
            id: state.id,
            outputs: {
                ...state.outputs,
                groupId: entityId,
                // The group of a membership cannot change. The distinguished name identifies an
                // LDAP group, so another name alone is not another group.
                groupName: (type === "ldap" && prior["groupName"]) || entityName,
                type,
                ldapGroupDn: group?.ldapGroupDn || prior["ldapGroupDn"],
            },
        };
    },
    update: (id, inputs, _olds, { client }) => updateMembership(client, id, inputs),
    delete: (id, _olds, { client }) => client.delete(membershipOf(id).path),
});

async function create(inputs: Inputs, client: HarborClient): Promise<State> {
    const { groupId, groupName } = inputs;
    const ldapGroupDn = inputs.ldapGroupDn ? canonicalDn(inputs.ldapGroupDn) : undefined;
    const who = groupName
        ? { property: "groupName", name: groupName }
        : { property: "groupId", name: String(groupId ?? ldapGroupDn) };
    const entity = { groupId, groupName, groupType: toType(inputs.type), ldapGroupDn };
    try {
        return await createMembership(client, inputs, entity, who);
    } catch (error) {
        const takenIn = ldapGroupDn && (await takenInBefore(ldapGroupDn, error, client));
        if (!takenIn) throw error;
        return createMembership(client, inputs, { ...entity, groupId: takenIn }, who);
    }
}

// Harbor creates an LDAP group and may then fail with 500 to make it a member. It rejects another
// request by name, because the group now exists, and accepts a request by the group's number.
async function takenInBefore(
    dn: string,
    error: unknown,
    client: HarborClient,
): Promise<number | undefined> {
    if (!hasStatus(error, 500)) return undefined;
    const groups = await listGroups(client, { ldapGroupDn: dn }).catch((second: unknown) => {
        if (second instanceof RequestError) return []; // only system administrators may list groups
        throw second;
    });
    return groups.find((group) => canonicalDn(group.ldapGroupDn ?? "") === dn)?.id;
}

function check(inputs: Partial<Inputs>, unknown: ReadonlySet<string>): Failure[] {
    const given = (key: "groupName" | "groupId" | "ldapGroupDn") =>
        inputs[key] !== undefined || unknown.has(key);
    if (given("groupName") || given("groupId") || given("ldapGroupDn")) return [];
    return [{ property: "groupName", reason: "is missing: give groupName or groupId" }];
}

function toType(value: string): number {
    return Object.entries(types).find(([name]) => name === value.toLowerCase())?.[1] ?? 0;
}

function fromType(type: number): string {
    return Object.entries(types).find(([, number]) => number === type)?.[0] ?? String(type);
}
