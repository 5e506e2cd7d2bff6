import { listGroups } from "../harbor/group";
import { listing } from "./listing";

const group = {
    name: "getGroupsGroup",
    description: "A group of users.",
    properties: {
        id: { type: "number", required: true, description: "Number of the group." },
        groupName: { type: "string", required: true, description: "Name of the group." },
        groupType: { type: "number", required: true, description: "1 LDAP, 2 internal, 3 OIDC." },
        ldapGroupDn: {
            type: "string",
            required: true,
            description: "Distinguished name of an LDAP group; empty for other groups.",
        },
    },
} as const;

const filters = {
    groupName: { type: "string", description: "Only groups whose name contains this text." },
    ldapGroupDn: {
        type: "string",
        description: "Only the LDAP group with this distinguished name.",
    },
} as const;

/** `harbor.getGroups`: the groups of Harbor. */
export const getGroups = listing({
    token: "harbor:index/getGroups:getGroups",
    description: "Lists groups. Needs a system administrator.",
    filters,
    id: "harbor-user-groups",
    output: "groups",
    outputDescription: "The groups.",
    item: group,
    async list({ groupName, ldapGroupDn }, { client }) {
        const groups = await listGroups(client, { name: groupName, ldapGroupDn });
        return groups.map(({ id, name, type, ldapGroupDn: dn }) => ({
            id,
            groupName: name,
            groupType: type,
            ldapGroupDn: dn ?? "",
        }));
    },
});
