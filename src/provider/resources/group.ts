import { explaining, type Failure } from "../failure";
import { createGroup, getGroup } from "../harbor/group";
import { pathIn, requiredNumberIn } from "../ids";
import type { Properties, Values } from "../property";
import { resource } from "../resource";
import { wholeNumber } from "../rules";
import { canonicalDn } from "./ldap";

const ldap = 1;

const properties = {
    groupName: {
        type: "string",
        required: true,
        replace: true,
        check: (value: string) =>
            value === "" ? "is empty; expected the name of a group" : undefined,
        description: "Name of the group.",
    },
    groupType: {
        type: "number",
        required: true,
        replace: true,
        check: wholeNumber(1, 3),
        description: "Kind of group: 1 LDAP, 2 internal, 3 OIDC.",
    },
    ldapGroupDn: {
        type: "string",
        replace: true,
        normalize: canonicalDn,
        description: "Distinguished name of an LDAP group.",
    },
} as const satisfies Properties;

type Inputs = Values<typeof properties>;

/** `harbor.Group`: a group of users. */
export const group = resource({
    token: "harbor:index/group:Group",
    description: "A group of users. Needs a system administrator.",
    idAlias: "groupId",
    properties,
    identity: ["groupName", "groupType", "ldapGroupDn"],
    importForms: "/usergroups/ID or ID",
    check,
    async create(inputs, { client }) {
        const { groupName, groupType, ldapGroupDn } = inputs;
        const dn = ldapGroupDn ? canonicalDn(ldapGroupDn) : undefined;
        const wanted = { name: groupName, type: groupType, ldapGroupDn: dn };
        const id = await createGroup(client, wanted).catch(
            explaining({
                400: ({ reason }) => `ldapGroupDn: ${reason}`,
                409: ({ reason }) =>
                    `groupName: ${reason}. To manage it here, import it: \`pulumi import harbor:index/group:Group NAME /usergroups/ID\`, with its number in Harbor for ID`,
            }),
        );
        return { id: `/usergroups/${id}`, outputs: {} };
    },
    async read(id, _prior, { client }) {
        const number = requiredNumberIn(id, "usergroups");
        const found = await getGroup(client, number);
        if (!found) return undefined;
        const { name, type, ldapGroupDn } = found;
        return {
            id: `/usergroups/${number}`,
            outputs: { groupName: name, groupType: type, ldapGroupDn },
        };
    },
    async update(id) {
        return { id, outputs: {} }; // every change replaces the group
    },
    delete: (id, _olds, { client }) => client.delete(pathIn(id, "usergroups")),
});

function check(inputs: Partial<Inputs>, unknown: ReadonlySet<string>): Failure[] {
    if (inputs.groupType !== ldap || inputs.ldapGroupDn || unknown.has("ldapGroupDn")) return [];
    return [
        { property: "ldapGroupDn", reason: "is missing: an LDAP group (groupType 1) needs it" },
    ];
}
