import type { Robot } from "../../harbor/robot";
import { lastName } from "../../harbor/robotLookup";
import { getRobotNamePrefix } from "../harbor/settings";
import type { Context } from "../resource";

const defaultPrefix = "robot$";

/**
 * The short name in a robot account's full name. At project level it follows the last plus sign. At
 * system level it follows the prefix. Only system administrators may read the prefix, so this
 * function first tries known prefixes.
 */
export async function shortName(robot: Robot, prior: unknown, context: Context): Promise<string> {
    const { fullName } = robot;
    if (robot.level === "project") return fullName.slice(fullName.lastIndexOf("+") + 1);
    if (typeof prior === "string" && prior !== "" && fullName.endsWith(prior)) return prior;
    for (const prefix of [context.robotPrefix, defaultPrefix]) {
        if (prefix && fullName.startsWith(prefix)) return fullName.slice(prefix.length);
    }
    const prefix = await getRobotNamePrefix(context.client);
    if (prefix !== undefined && fullName.startsWith(prefix)) return fullName.slice(prefix.length);
    return lastName(fullName) ?? fullName;
}
