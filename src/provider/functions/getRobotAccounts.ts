import type { HarborClient } from "../../harbor/client";
import { listProjects } from "../../harbor/project";
import { listRobots, type Robot } from "../../harbor/robot";
import { oneOf } from "../rules";
import { listing } from "./listing";

const robotAccount = {
    name: "getRobotAccountsRobotAccount",
    description: "A robot account.",
    properties: {
        id: { type: "string", required: true, description: "Id, `/robots/N`." },
        name: { type: "string", required: true, description: "Full name." },
        level: { type: "string", required: true, description: "`project` or `system`." },
        description: {
            type: "string",
            required: true,
            description: "Description of the robot account.",
        },
        disable: {
            type: "boolean",
            required: true,
            description: "Whether the robot account is disabled and cannot log in.",
        },
        duration: {
            type: "number",
            required: true,
            description: "Days from the creation until the account expires; -1 is never.",
        },
    },
} as const;

const filters = {
    level: {
        type: "string",
        check: oneOf("project", "system"),
        description: "`project` or `system`. Default: project when `projectId` is given.",
    },
    name: { type: "string", description: "Only the robot account with this full or short name." },
    projectId: {
        type: "number",
        description: "Number of a project. Default: with level `project`, every project.",
    },
} as const;

/** `harbor.getRobotAccounts`: robot accounts of the system or of projects. */
export const getRobotAccounts = listing({
    token: "harbor:index/getRobotAccounts:getRobotAccounts",
    description: "Lists robot accounts: those of the system, of one project, or of every project.",
    filters,
    id: "harbor-robot-accounts",
    output: "robotAccounts",
    outputDescription: "The robot accounts.",
    item: robotAccount,
    async list({ level, name, projectId }, { client }) {
        const robots =
            (level ?? (projectId ? "project" : "system")) === "system"
                ? await listRobots(client)
                : await robotsOfProjects(client, projectId);
        return robots
            .filter((robot) => name === undefined || isNamed(robot, name))
            .map((robot) => ({
                id: `/robots/${robot.id}`,
                name: robot.fullName,
                level: robot.level,
                description: robot.description ?? "",
                disable: robot.disabled,
                duration: robot.duration,
            }));
    },
});

// Harbor lists robot accounts of one project at a time.
async function robotsOfProjects(
    client: HarborClient,
    projectId: number | undefined,
): Promise<Robot[]> {
    const projects = projectId
        ? [projectId]
        : (await listProjects(client)).map((project) => project.id);
    const found: Robot[] = [];
    for (const id of projects) found.push(...(await listRobots(client, { projectId: id })));
    return found;
}

function isNamed({ fullName }: Robot, name: string): boolean {
    return fullName === name || fullName.endsWith(`+${name}`) || fullName.endsWith(`$${name}`);
}
