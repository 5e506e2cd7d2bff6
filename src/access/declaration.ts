import * as harbor from "@pulumi/harbor";
import * as pulumi from "@pulumi/pulumi";
import { withoutStackTraces } from "../engine/stackTraces";
import type { AccessArgs } from "./args";
import { permissionsOf, planRobots } from "./robotPlan";
import type { UsedProjects } from "./usedProjects";

/** The account that pushes images, and the resources that must exist before a push. */
export interface Access {
    readonly username: pulumi.Input<string>;
    readonly password: pulumi.Input<string>;
    readonly dependencies: readonly pulumi.Resource[];
}

/** Declares the image's project, unless `existing` is set. */
export function declareProject(
    parent: pulumi.ComponentResource,
    childName: string,
    { project, retainImages = true }: AccessArgs,
): harbor.Project | undefined {
    if (project.existing) {
        return undefined;
    }
    return withoutStackTraces(
        () =>
            new harbor.Project(
                childName,
                {
                    name: project.name,
                    public: project.public,
                    storageQuota: project.storageQuota,
                    forceDestroy: !retainImages,
                },
                {
                    parent,
                    // Harbor refuses to delete a project with images, and the images stay.
                    retainOnDelete: retainImages,
                    ...(project.import === undefined ? {} : { import: project.import }),
                },
            ),
    );
}

/** The given credentials, or a new robot account that can only pull and push. */
export function declareAccess(
    parent: pulumi.ComponentResource,
    childName: string,
    description: string,
    { project, credentials, cache, robotDays }: AccessArgs,
    declared: harbor.Project | undefined,
    used: UsedProjects,
): Access {
    const dependencies = declared === undefined ? [] : [declared];
    if (credentials !== undefined) {
        return { ...credentials, password: pulumi.secret(credentials.password), dependencies };
    }
    const { push } = planRobots({
        project: project.name,
        cacheProject: cache?.project,
        fallbackProject: cache?.fallbackProject,
    });
    const hooks = used.hooks();
    // Let Pulumi generate the name: it differs between stacks, so several stacks can use one project.
    const robot = withoutStackTraces(
        () =>
            new harbor.RobotAccount(
                childName,
                {
                    level: push.level,
                    description,
                    duration: robotDays,
                    permissions: permissionsOf(push),
                },
                { parent, dependsOn: dependencies, ...(hooks === undefined ? {} : { hooks }) },
            ),
    );
    return {
        username: robot.fullName,
        password: robot.secret,
        dependencies: [...dependencies, robot],
    };
}
