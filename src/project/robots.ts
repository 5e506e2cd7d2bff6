import * as harbor from "@pulumi/harbor";
import * as pulumi from "@pulumi/pulumi";
import type { CachedImageCredentialsArgs } from "../access/args";
import { permissionsOf, type RobotPlan, RobotRole } from "../access/robotPlan";
import type { ImageProjectArgs } from "./args";
import type { ImageProjectPlan } from "./plan";

/** A login for the registry. */
export interface RegistryCredentials {
    /** Full name of the account: `robot$shop+push-1a2b3c4`. */
    readonly username: pulumi.Output<string>;
    /** Its password, a secret. */
    readonly password: pulumi.Output<string>;
}

/** First words of the robot accounts' descriptions in Harbor. */
const purpose: Readonly<Record<RobotRole, string>> = {
    push: "Pushes images and caches",
    read: "Reads images and caches",
    pull: "Pulls images",
    review: "Pushes images and caches of reviews",
};

interface Surroundings {
    readonly parent: pulumi.ComponentResource;
    readonly name: string;
    readonly args: ImageProjectArgs;
    readonly plan: ImageProjectPlan;
    /** Projects to create first; undefined for existing projects. */
    readonly projects: readonly harbor.Project[] | undefined;
}

/** The logins of an image project, by role; that of reviews only with a project for them. */
type Accounts = Readonly<Record<Exclude<RobotRole, "review">, RegistryCredentials>> & {
    readonly review: RegistryCredentials | undefined;
};

/** The logins of an image project: the given accounts, and robot accounts for the other roles. */
export function declareRobots(around: Surroundings): Accounts {
    const { robots } = around.plan;
    const account = (role: RobotRole, robot: RobotPlan): RegistryCredentials => {
        const given = around.args.credentials?.[role];
        return given === undefined
            ? declareRobot(around, role, robot)
            : after(given, around.projects);
    };
    const push = account(RobotRole.Push, robots.push);
    const pull = account(RobotRole.Pull, robots.pull);
    const given = around.args.credentials?.read;
    const read =
        robots.read === undefined && given === undefined
            ? pull
            : account(RobotRole.Read, robots.read ?? robots.pull);
    const review = robots.review && account(RobotRole.Review, robots.review);
    return { push, read, pull, review };
}

function declareRobot(
    { parent, name, args, projects }: Surroundings,
    role: RobotRole,
    robot: RobotPlan,
): RegistryCredentials {
    // Let Pulumi generate the name: it differs between stacks, so several stacks can use one project.
    const account = new harbor.RobotAccount(
        `${name}-${role}`,
        {
            level: robot.level,
            description: `${purpose[role]} for stack ${pulumi.getProject()}/${pulumi.getStack()}`,
            secret: args.secrets?.[role],
            duration: args.robotDays,
            permissions: permissionsOf(robot),
        },
        { parent, dependsOn: [...(projects ?? [])] },
    );
    return { username: account.fullName, password: pulumi.secret(account.secret) };
}

/** A given login that resolves after the projects, so that images wait for the projects. */
function after(
    { username, password }: CachedImageCredentialsArgs,
    projects: readonly harbor.Project[] = [],
): RegistryCredentials {
    const ids = pulumi.all(projects.map(({ id }) => id));
    return {
        username: pulumi.all([username, ids]).apply(([known]) => known),
        password: pulumi.secret(password),
    };
}
