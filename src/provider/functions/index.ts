import type { HarborFunction } from "../function";
import { getArtifact } from "./getArtifact";
import { getGroups } from "./getGroups";
import { getProject } from "./getProject";
import { getProjectMemberGroups, getProjectMemberUsers } from "./getProjectMembers";
import { getProjects } from "./getProjects";
import { getRegistry } from "./getRegistry";
import { getRobotAccounts } from "./getRobotAccounts";
import { getUsers } from "./getUsers";

/** Every function of the provider. */
export const functions: readonly HarborFunction[] = [
    getArtifact,
    getGroups,
    getProject,
    getProjectMemberGroups,
    getProjectMemberUsers,
    getProjects,
    getRegistry,
    getRobotAccounts,
    getUsers,
];
