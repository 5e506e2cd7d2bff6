import { listMembers } from "../../harbor/member";
import { harborFunction } from "../function";
import { projectNumber } from "../ids";
import { fromRoleId } from "../resources/roles";
import { memberInputs, memberProperties } from "./memberFilters";

const member = {
    name: "getProjectMemberGroupsProjectMemberGroup",
    description: "A group with a role in a project.",
    properties: {
        ...memberProperties,
        groupName: { type: "string", required: true, description: "Name of the group." },
    },
} as const;

/** `harbor.getProjectMemberGroups`: the groups with a role in a project. */
export const getProjectMemberGroups = harborFunction({
    token: "harbor:index/getProjectMemberGroups:getProjectMemberGroups",
    description: "Lists the groups that have a role in a project.",
    inputs: memberInputs,
    outputs: {
        id: {
            type: "string",
            required: true,
            description: "Always `harbor-project-member-groups`.",
        },
        projectId: { type: "string", required: true, description: "Id of the project." },
        projectMemberGroups: { type: { list: member }, required: true, description: "The groups." },
    },
    async invoke({ projectId }, { client }) {
        const number = projectNumber(projectId);
        const members = await listMembers(client, number);
        return {
            id: "harbor-project-member-groups",
            projectId,
            projectMemberGroups: members
                .filter((item) => item.entityType === "g")
                .map((item) => ({
                    id: `/projects/${number}/members/${item.id}`,
                    projectId: `/projects/${number}`,
                    role: fromRoleId(item.roleId),
                    groupName: item.entityName,
                })),
        };
    },
});
