import * as harbor from "@pulumi/harbor";
import * as pulumi from "@pulumi/pulumi";
import type { CachedImageArgs } from "./cachedImageArgs";
import { permissionsOf, planRobots } from "./policy/access";
import type { UsedProjects } from "./usedProjects";

/** How images are pushed, and what must exist before. */
export interface Access {
    readonly username: pulumi.Input<string>;
    readonly password: pulumi.Input<string>;
    readonly dependencies: readonly pulumi.Resource[];
}

/** Declares the project that holds the image, unless others do. */
export function declareProject(
    parent: pulumi.ComponentResource,
    childName: string,
    { project, retainImages = true }: CachedImageArgs,
): harbor.Project | undefined {
    if (project.existing) {
        return undefined;
    }
    return new harbor.Project(
        childName,
        {
            name: project.name,
            public: project.public,
            storageQuota: project.storageQuota,
            forceDestroy: !retainImages,
        },
        {
            parent,
            // Harbor refuses to delete a project that holds images, and those stay.
            retainOnDelete: retainImages,
            ...(project.import === undefined ? {} : { import: project.import }),
        },
    );
}

/** The given credentials, or those of a robot account that can pull and push and nothing else. */
export function declareAccess(
    parent: pulumi.ComponentResource,
    childName: string,
    description: string,
    { project, credentials, cache, robotDays }: CachedImageArgs,
    declared: harbor.Project | undefined,
    used: UsedProjects,
): Access {
    const dependencies = declared === undefined ? [] : [declared];
    if (credentials !== undefined) {
        return { ...credentials, password: pulumi.secret(credentials.password), dependencies };
    }
    const { push } = planRobots({ project: project.name, cacheProject: cache?.project });
    const hooks = used.hooks();
    // No name of our own: Pulumi's differs from stack to stack, so that several can use one project.
    const robot = new harbor.RobotAccount(
        childName,
        {
            level: push.level,
            description,
            duration: robotDays,
            permissions: permissionsOf(push),
        },
        { parent, dependsOn: dependencies, ...(hooks === undefined ? {} : { hooks }) },
    );
    return {
        username: robot.fullName,
        password: robot.secret,
        dependencies: [...dependencies, robot],
    };
}
