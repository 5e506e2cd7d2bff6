/** What the robot accounts of an image project are for. */
export const RobotRole = {
    /** Builds: pulls and pushes images and caches. */
    Push: "push",
    /** Previews of pull requests: pulls images and caches. */
    Read: "read",
    /** Clusters: pulls images, and no cache where that lives elsewhere. */
    Pull: "pull",
} as const;
export type RobotRole = (typeof RobotRole)[keyof typeof RobotRole];

/** One robot account. */
export interface RobotPlan {
    readonly level: "project" | "system";
    /** Projects that it reaches. */
    readonly projects: readonly string[];
    /** What it may do with their repositories. */
    readonly actions: readonly string[];
}

/** The robot accounts of an image project. */
export interface RobotPlans {
    readonly push: RobotPlan;
    readonly pull: RobotPlan;
    /** Undefined where the one for clusters reaches the caches too. */
    readonly read: RobotPlan | undefined;
}

/** Where images and caches are. */
export interface AccessRequest {
    readonly project: string;
    /** Undefined when caches live beside the images. */
    readonly cacheProject: string | undefined;
}

/**
 * The robot accounts that an image project needs, each with the least it can do its work with.
 *
 * docker-build keeps one login for a registry host, and a project-level robot account reaches one
 * project: whoever needs images and caches of two projects is a system-level one. Where both are in
 * one project, reading for previews and pulling for clusters are the same.
 */
export function planRobots({ project, cacheProject }: AccessRequest): RobotPlans {
    const apart = cacheProject !== undefined && cacheProject !== project;
    const everywhere = apart
        ? ({ level: "system", projects: [project, cacheProject] } as const)
        : ({ level: "project", projects: [project] } as const);
    return {
        push: { ...everywhere, actions: ["pull", "push"] },
        pull: { level: "project", projects: [project], actions: ["pull"] },
        read: apart ? { ...everywhere, actions: ["pull"] } : undefined,
    };
}

/** A robot account's permissions, as `harbor.RobotAccount` takes them. */
export function permissionsOf({ projects, actions }: RobotPlan): {
    kind: string;
    namespace: string;
    accesses: { resource: string; action: string }[];
}[] {
    return projects.map((namespace) => ({
        kind: "project",
        namespace,
        accesses: actions.map((action) => ({ resource: "repository", action })),
    }));
}

/** Why a robot account cannot be valid for so many days; undefined when it can. */
export function robotDaysFault(days: number): string | undefined {
    return days === -1 || (Number.isSafeInteger(days) && days > 0)
        ? undefined
        : `${days}; expected a whole number of days from 1 on, or -1 for ever`;
}

/**
 * Why an account cannot do its work, as far as its name tells; undefined when nothing is to be said.
 * A project-level robot account bears its project: `robot$shop+ci`. (Harbor's administrator may have
 * chosen another prefix; then the name tells nothing.)
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
        `${lacking}; give a system-level robot account, or a user who may work in all of them`
    );
}
