import { hasStatus } from "../http/error";
import type { HarborClient } from "./client";
import { getProject } from "./project";
import { listRobots, type Robot } from "./robot";

/**
 * The name at the end of a text: letters and digits, with single `.`, `_` and `-` between them.
 * Whether a prefix before the name belongs to it is unknown if the prefix ends in such a character.
 */
export function lastName(text: string): string | undefined {
    const tail = text.split(/[^a-z0-9._-]|[._-]{2,}/).at(-1) ?? "";
    const name = tail.replace(/^[._-]/, "");
    return name === "" || /[._-]$/.test(name) ? undefined : name;
}

/**
 * The robot account with this full name; undefined when missing. A project administrator sees only
 * the robot accounts of the project.
 *
 * @throws RequestError when this login may not look for it.
 */
export async function findRobotByFullName(
    client: HarborClient,
    fullName: string,
): Promise<Robot | undefined> {
    const plus = fullName.lastIndexOf("+");
    const projectName = plus < 0 ? undefined : lastName(fullName.slice(0, plus));
    const project = projectName && (await getProject(client, projectName));
    const named = (robot: Robot) => robot.fullName === fullName;
    if (!project) {
        return (await listRobots(client)).find(named);
    }
    const found = (await listRobots(client, { projectId: project.id })).find(named);
    // With a plus sign in the prefix, `bot+shop` may be a system robot although a project "bot" exists.
    return found ?? (await systemRobotsSeen(client)).find(named);
}

async function systemRobotsSeen(client: HarborClient): Promise<Robot[]> {
    try {
        return await listRobots(client);
    } catch (error) {
        if (hasStatus(error, 401, 403)) return [];
        throw error;
    }
}
