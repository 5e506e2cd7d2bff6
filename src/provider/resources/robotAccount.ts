import type { HarborClient } from "../../harbor/client";
import { getProject } from "../../harbor/project";
import {
    type CreatedRobot,
    createRobot,
    getRobot,
    listRobots,
    type Permission,
    type Robot,
    renewRobotSecret,
    setRobotSecret,
    updateRobot,
} from "../../harbor/robot";
import { findRobotByFullName } from "../../harbor/robotLookup";
import { hasStatus } from "../../http/error";
import { reasonOf } from "../../text/reason";
import { explaining, PartialError, UserError } from "../failure";
import { isReadOnly } from "../harbor/settings";
import { numberIn, pathIn, requiredNumberIn } from "../ids";
import { harborName } from "../naming";
import type { Values } from "../property";
import { type Context, resource, type State } from "../resource";
import type { Bag } from "../values";
import { checkRobotAccount } from "./robotAccountCheck";
import { robotAccountProperties } from "./robotAccountProperties";
import { shortName } from "./robotName";

type Inputs = Values<typeof robotAccountProperties>;

const token = "harbor:index/robotAccount:RobotAccount";

/** `harbor.RobotAccount`: a login for machines. */
export const robotAccount = resource({
    token,
    description:
        "A robot account: a login for machines with given permissions, in one project or in several.",
    idAlias: "robotAccountId",
    properties: robotAccountProperties,
    identity: ["name", "level", "permissions"],
    importForms: "/robots/ID, ID or the full name",
    autoName: harborName,
    check: checkRobotAccount,
    // Harbor cannot move a project's robot account into another project.
    replaces: (olds, news) => (projectOf(olds) === projectOf(news) ? [] : ["permissions"]),
    predict: (inputs, prefix) => {
        const given = inputs.secret === undefined ? {} : { secret: inputs.secret };
        const { name, level } = inputs;
        const project = projectOf(inputs);
        if (prefix === undefined || name === undefined || level === undefined) return given;
        if (level === "system") return { ...given, fullName: `${prefix}${name}` };
        return project ? { ...given, fullName: `${prefix}${project}+${name}` } : given;
    },
    create,
    async read(id, prior, context) {
        const number = numberIn(id, "robots");
        const found =
            number === undefined
                ? await findRobotByFullName(context.client, id)
                : await getRobot(context.client, number);
        return found && state(found, prior, context);
    },
    async update(id, inputs, olds, context) {
        const number = requiredNumberIn(id, "robots");
        const fullName = await write(number, inputs, String(olds["fullName"]), context.client);
        const secret = await writeSecret(number, inputs, olds, context.client);
        return { id, outputs: { fullName, robotId: String(number), secret } };
    },
    delete: (id, _olds, { client }) => client.delete(pathIn(id, "robots")),
});

async function create(inputs: Inputs, context: Context): Promise<State> {
    const { client } = context;
    const { value: robot, recovered } = await createRobot(client, {
        name: inputs.name,
        level: inputs.level,
        description: inputs.description,
        duration: inputs.duration,
        permissions: permissionsOf(inputs),
    }).catch(explain(inputs));
    try {
        const secret = await settle(robot, inputs, client);
        await reportTwins(robot, inputs, context);
        if (inputs.disable) await write(robot.id, inputs, robot.fullName, client);
        if (recovered)
            await context.warn(
                `robot account "${robot.fullName}": the answer to its creation was lost; it was found afterwards`,
            );
        return { id: `/robots/${robot.id}`, outputs: outputsOf(robot, secret) };
    } catch (cause) {
        throw await undo(robot, cause, client);
    }
}

// Harbor ignores the secret of a new robot account, so a second request sets the secret.
async function settle(robot: CreatedRobot, inputs: Inputs, client: HarborClient): Promise<string> {
    const chosen = inputs.secret ?? inputs.secretWo;
    if (chosen !== undefined) {
        await setRobotSecret(client, robot.id, chosen);
        return inputs.secret ?? "";
    }
    return robot.secret ?? renewRobotSecret(client, robot.id);
}

async function undo(robot: CreatedRobot, cause: unknown, client: HarborClient): Promise<Error> {
    try {
        await client.delete(`/robots/${robot.id}`);
    } catch (second) {
        return new PartialError(
            `robot account "${robot.fullName}" was created, but ${reasonOf(cause)}; deleting it failed, too: ${reasonOf(second)}`,
            { id: `/robots/${robot.id}`, outputs: outputsOf(robot, robot.secret ?? ""), cause },
        );
    }
    const message = `robot account "${robot.fullName}" was created and, because ${reasonOf(cause)}, deleted again`;
    return new UserError(message, { cause });
}

/**
 * Names accounts with the description of a new one: a run that was interrupted after the creation has
 * left them behind, and generated names differ in each run.
 */
async function reportTwins(robot: CreatedRobot, inputs: Inputs, context: Context): Promise<void> {
    const { description } = inputs;
    if (!description) return;
    const twins = await robotsBeside(inputs, context.client).catch(() => []);
    const names = twins
        .filter((twin) => twin.id !== robot.id && twin.description === description)
        .filter(({ id }) => !context.isClaimed(token, `/robots/${id}`))
        .map(({ fullName }) => `"${fullName}"`);
    if (names.length === 0) return;
    await context.warn(
        `the description of robot account "${robot.fullName}", "${description}", is also that of ${names.join(", ")}. If this run does not delete these accounts, an interrupted run probably left them; delete them in Harbor`,
    );
}

async function robotsBeside(inputs: Inputs, client: HarborClient): Promise<readonly Robot[]> {
    const name = projectOf(inputs);
    if (name === undefined) return listRobots(client);
    const project = await getProject(client, name);
    return project === undefined ? [] : listRobots(client, { projectId: project.id });
}

function outputsOf(robot: CreatedRobot, secret: string): Bag {
    return { fullName: robot.fullName, robotId: String(robot.id), secret };
}

function explain(inputs: Inputs): (error: unknown) => never {
    const project = projectOf(inputs);
    const where = project ? ` in project "${project}"` : " at system level";
    const who = project ? "its administrator" : "a system administrator";
    return explaining({
        403: (error) =>
            isReadOnly(error)
                ? undefined
                : `robot account "${inputs.name}": the configured login may not create robot accounts${where}; ${who} can`,
        404: ({ reason }) =>
            `permissions: ${reason}; a namespace is the name of a project that exists`,
        409: () =>
            `name: robot account "${inputs.name}" already exists${where}. An interrupted run may have created it. Fix: delete it in Harbor and run the command again. To keep it, import it: \`pulumi import harbor:index/robotAccount:RobotAccount NAME /robots/ID\`, with its number in Harbor for ID, and set \`secret\`, because Harbor does not return the account's secret`,
    });
}

// An administrator may have changed the prefix of all robot accounts in the meantime.
async function write(
    id: number,
    inputs: Inputs,
    fullName: string,
    client: HarborClient,
): Promise<string> {
    const robot = {
        id,
        fullName,
        description: inputs.description,
        level: inputs.level,
        duration: inputs.duration,
        disabled: inputs.disable,
        permissions: permissionsOf(inputs),
    };
    try {
        await updateRobot(client, robot);
        return fullName;
    } catch (error) {
        const now = hasStatus(error, 400) ? await getRobot(client, id) : undefined;
        if (!now || now.fullName === fullName) throw error;
        await updateRobot(client, { ...robot, fullName: now.fullName });
        return now.fullName;
    }
}

async function writeSecret(
    id: number,
    inputs: Inputs,
    olds: Bag,
    client: HarborClient,
): Promise<unknown> {
    if (inputs.secret !== undefined && inputs.secret !== olds["secret"]) {
        await setRobotSecret(client, id, inputs.secret);
        return inputs.secret;
    }
    const { secretWo, secretWoVersion } = inputs;
    if (secretWo === undefined || secretWoVersion === olds["secretWoVersion"])
        return olds["secret"];
    await setRobotSecret(client, id, secretWo);
    return "";
}

async function state(found: Robot, prior: Bag, context: Context): Promise<State> {
    return {
        id: `/robots/${found.id}`,
        outputs: {
            name: await shortName(found, prior["name"], context),
            fullName: found.fullName,
            robotId: String(found.id),
            level: found.level,
            description: found.description,
            disable: found.disabled,
            duration: found.duration,
            permissions: found.permissions.map(({ kind, namespace, access }) => ({
                kind,
                namespace,
                accesses: access.map((item) => ({ ...item })),
            })),
            secret: prior["secret"],
            secretWoVersion: prior["secretWoVersion"],
        },
    };
}

function permissionsOf(inputs: Inputs): Permission[] {
    return inputs.permissions.map(({ kind, namespace, accesses }) => ({
        kind,
        namespace,
        access: accesses.map((item) => ({ ...item, effect: item.effect || undefined })),
    }));
}

/** The project of a robot account with level `project`. */
function projectOf(values: Bag): string | undefined {
    const { level, permissions } = values;
    if (level !== "project" || !Array.isArray(permissions)) return undefined;
    const namespace: unknown = permissions[0]?.namespace;
    return typeof namespace === "string" ? namespace : undefined;
}
