/** Purpose of a robot account of an image project. */
export const RobotRole = {
    /** Builds: pulls and pushes images and caches. */
    Push: "push",
    /** Previews of pull requests: pulls images and caches. */
    Read: "read",
    /** Clusters: pulls images, but no caches from another project. */
    Pull: "pull",
    /** Review stacks: pulls images and caches, and pushes only to the reviews' project. */
    Review: "review",
} as const;
export type RobotRole = (typeof RobotRole)[keyof typeof RobotRole];

/** One robot account. */
export interface RobotPlan {
    readonly level: "project" | "system";
    /** Actions on the repositories of each project. */
    readonly rights: readonly RobotRight[];
}

interface RobotRight {
    readonly project: string;
    readonly actions: readonly ("pull" | "push")[];
}

/** The robot accounts of an image project. */
export interface RobotPlans {
    readonly push: RobotPlan;
    readonly pull: RobotPlan;
    /** Undefined when the account for clusters can read the caches too. */
    readonly read: RobotPlan | undefined;
    /** Undefined without a project of reviews. */
    readonly review: RobotPlan | undefined;
}

/** The projects of images and caches. */
export interface AccessRequest {
    readonly project: string;
    /** Undefined when the images' project holds the caches. */
    readonly cacheProject: string | undefined;
    /** Project whose caches builds read but never write. @default none */
    readonly fallbackProject?: string | undefined;
    /** Project of review stacks. @default none */
    readonly reviewProject?: string | undefined;
}

/**
 * Plans the robot accounts of an image project, each with the fewest rights that it needs.
 *
 * docker-build keeps one login per registry host, and a project-level robot account covers one
 * project. So an account for images and caches in two projects is system-level. With images and
 * caches in one project, previews and clusters share an account.
 */
export function planRobots(request: AccessRequest): RobotPlans {
    const { project, cacheProject = project, fallbackProject, reviewProject } = request;
    const own = [...new Set([project, cacheProject])];
    const reads = fallbackProject === undefined || own.includes(fallbackProject);
    return {
        push: robotPlan([...own.map(pushes), ...(reads ? [] : [pulls(fallbackProject)])]),
        pull: robotPlan([pulls(project)]),
        read: own.length > 1 ? robotPlan(own.map(pulls)) : undefined,
        review:
            reviewProject === undefined
                ? undefined
                : robotPlan([pushes(reviewProject), ...own.map(pulls)]),
    };
}

const pulls = (project: string): RobotRight => ({ project, actions: ["pull"] });
const pushes = (project: string): RobotRight => ({ project, actions: ["pull", "push"] });

function robotPlan(rights: readonly RobotRight[]): RobotPlan {
    return { level: rights.length > 1 ? "system" : "project", rights };
}

/** A robot account's permissions, in the form of `harbor.RobotAccount`. */
export function permissionsOf({ rights }: RobotPlan): {
    kind: string;
    namespace: string;
    accesses: { resource: string; action: string }[];
}[] {
    return rights.map(({ project, actions }) => ({
        kind: "project",
        namespace: project,
        accesses: actions.map((action) => ({ resource: "repository", action })),
    }));
}

/** Why a robot account cannot be valid for a number of days; undefined when it can. */
export function robotDaysFault(days: number): string | undefined {
    return days === -1 || (Number.isSafeInteger(days) && days > 0)
        ? undefined
        : `${days}; expected a whole number of days from 1, or -1 (forever)`;
}

/**
 * Why an account cannot access all of its projects, as far as its name shows; undefined otherwise.
 * The name of a project-level robot account contains the project: `robot$shop+ci`. With another
 * prefix, which Harbor's administrator can set, the name shows nothing.
 */
export function accountFault(username: string, projects: readonly string[]): string | undefined {
    if (username === "") {
        return 'empty; expected the full name of an account, such as "robot$shop+ci"';
    }
    const reached = /^robot\$(.+)\+[^+]+$/.exec(username)?.[1];
    const beyond = projects.filter((project) => project !== reached);
    if (reached === undefined || beyond.length === 0) {
        return undefined;
    }
    const lacking = beyond.map((project) => `"${project}"`).join(" and ");
    return (
        `"${username}" is a robot account of project "${reached}" alone and does not reach ` +
        `${lacking}; use a system-level robot account, or a user with access to all of them`
    );
}
