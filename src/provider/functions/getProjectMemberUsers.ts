import { listMembers } from "../../harbor/member";
import { harborFunction } from "../function";
import { projectNumber } from "../ids";
import { fromRoleId } from "../resources/roles";
import { memberInputs, memberProperties } from "./memberFilters";

const member = {
    name: "getProjectMemberUsersProjectMemberUser",
    description: "A user with a role in a project.",
    properties: {
        ...memberProperties,
        userName: { type: "string", required: true, description: "Name of the user." },
    },
} as const;

/** `harbor.getProjectMemberUsers`: the users with a role in a project. */
export const getProjectMemberUsers = harborFunction({
    token: "harbor:index/getProjectMemberUsers:getProjectMemberUsers",
    description: "Lists the users that have a role in a project.",
    inputs: memberInputs,
    outputs: {
        id: {
            type: "string",
            required: true,
            description: "Always `harbor-project-member-users`.",
        },
        projectId: { type: "string", required: true, description: "Id of the project." },
        projectMemberUsers: { type: { list: member }, required: true, description: "The users." },
    },
    async invoke({ projectId }, { client }) {
        const number = projectNumber(projectId);
        const members = await listMembers(client, number);
        return {
            id: "harbor-project-member-users",
            projectId,
            projectMemberUsers: members
                .filter((item) => item.entityType === "u")
                .map((item) => ({
                    id: `/projects/${number}/members/${item.id}`,
                    projectId: `/projects/${number}`,
                    role: fromRoleId(item.roleId),
                    userName: item.entityName,
                })),
        };
    },
});
