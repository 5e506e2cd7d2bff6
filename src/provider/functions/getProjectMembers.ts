import { listMembers } from "../harbor/member";
import { projectIdRule, projectNumber } from "../ids";
import { fromRoleId } from "../resources/roles";
import { listing } from "./listing";

const projectId = {
    type: "string",
    required: true,
    check: projectIdRule,
    description: "Id of the project, `/projects/N`.",
} as const;

const memberProperties = {
    id: { type: "string", required: true, description: "Id, `/projects/N/members/M`." },
    projectId: { type: "string", required: true, description: "Id of the project." },
    role: { type: "string", required: true, description: "Role in the project." },
} as const;

/** The function that lists the groups, or the users, with a role in a project. */
function listingOf(kind: "group" | "user") {
    const Kind = kind === "group" ? "Group" : "User";
    const name = `getProjectMember${Kind}s`;
    return listing({
        token: `harbor:index/${name}:${name}`,
        description: `Lists the ${kind}s that have a role in a project.`,
        filters: { projectId },
        id: `harbor-project-member-${kind}s`,
        output: `projectMember${Kind}s`,
        outputDescription: `The ${kind}s.`,
        item: {
            name: `${name}ProjectMember${Kind}`,
            description: `A ${kind} with a role in a project.`,
            properties: {
                ...memberProperties,
                [`${kind}Name`]: {
                    type: "string",
                    required: true,
                    description: `Name of the ${kind}.`,
                },
            },
        },
        async list(wanted, { client }) {
            const number = projectNumber(wanted.projectId);
            const members = await listMembers(client, number);
            return members
                .filter(({ entityType }) => entityType === kind.charAt(0))
                .map((item) => ({
                    id: `/projects/${number}/members/${item.id}`,
                    projectId: `/projects/${number}`,
                    role: fromRoleId(item.roleId),
                    [`${kind}Name`]: item.entityName,
                }));
        },
    });
}

/** `harbor.getProjectMemberGroups`: the groups with a role in a project. */
export const getProjectMemberGroups = listingOf("group");
/** `harbor.getProjectMemberUsers`: the users with a role in a project. */
export const getProjectMemberUsers = listingOf("user");
