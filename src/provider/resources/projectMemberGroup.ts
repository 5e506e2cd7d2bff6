import { getGroup } from "../../harbor/group";
import type { Failure } from "../failure";
import type { Properties, Values } from "../property";
import { resource } from "../resource";
import { oneOf } from "../rules";
import {
    createMembership,
    deleteMembership,
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
        description: "Name of the group. Either this or `groupId`.",
    },
    groupId: {
        type: "number",
        unmanaged: true,
        replace: true,
        description: "Number of the group in Harbor. Either this or `groupName`.",
    },
    ldapGroupDn: {
        type: "string",
        unmanaged: true,
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
    create: (inputs, { client }) =>
        createMembership(
            client,
            inputs,
            {
                groupId: inputs.groupId,
                groupName: inputs.groupName,
                groupType: toType(inputs.type),
                ldapGroupDn: inputs.ldapGroupDn,
            },
            {
                property: inputs.groupName ? "groupName" : "groupId",
                name: inputs.groupName ?? String(inputs.groupId),
            },
        ),
    async read(id, prior, { client }) {
        const found = await readMembership(client, id, "g");
        if (!found) return undefined;
        const { state, entityId, entityName } = found;
        const group = await getGroup(client, entityId);
        return {
            id: state.id,
            outputs: {
                ...state.outputs,
                groupId: entityId,
                groupName: entityName,
                type: group ? fromType(group.type) : prior["type"],
                ldapGroupDn: group?.ldapGroupDn || prior["ldapGroupDn"],
            },
        };
    },
    update: (id, inputs, _olds, { client }) => updateMembership(client, id, inputs),
    delete: (id, _olds, { client }) => deleteMembership(client, id),
});

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
