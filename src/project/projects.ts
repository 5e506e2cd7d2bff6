import * as harbor from "@pulumi/harbor";
import type * as pulumi from "@pulumi/pulumi";
import { cacheRepositories } from "../policy/cacheRepositories";
import type { RetentionRule } from "../policy/retention";
import type { ImageProjectArgs } from "./args";
import type { ImageProjectPlan } from "./plan";
import { passedInputs } from "./specification";

/** Parts of the logical names of the component's children. Renaming one requires an alias. */
const role = {
    project: "project",
    retention: "retention",
    cacheProject: "cache-project",
    cacheRetention: "cache-retention",
    reviewProject: "review-project",
    reviewRetention: "review-retention",
    immutableTags: "immutable-tags",
} as const;

/** Declares the projects of images, of caches and of reviews, with their policies; the images' first. */
export function declareProjects(
    parent: pulumi.ComponentResource,
    name: string,
    args: ImageProjectArgs,
    plan: ImageProjectPlan,
): readonly harbor.Project[] {
    const { retainImages = true, retention = {}, cache = {} } = args;
    const declare = (
        part: { readonly project: string; readonly retention: string },
        inputs: harbor.ProjectArgs,
        rules: readonly RetentionRule[],
        id: string | undefined,
    ) => {
        const project = new harbor.Project(
            `${name}-${part.project}`,
            { ...inputs, forceDestroy: !retainImages },
            // Harbor refuses to delete a project with images, and the images stay.
            { parent, retainOnDelete: retainImages, ...(id && { import: id }) },
        );
        const schedule = retention.schedule ?? "Daily";
        new harbor.RetentionPolicy(
            `${name}-${part.retention}`,
            { scope: project.id, rules: [...rules], schedule },
            { parent },
        );
        return project;
    };
    const rules = plan.retention;
    const project = declare(role, passedInputs(args), rules.project, args.import);
    if (plan.immutableTags !== undefined) {
        new harbor.ImmutableTagRule(
            `${name}-${role.immutableTags}`,
            {
                projectId: project.id,
                repoExcluding: cacheRepositories,
                tagMatching: plan.immutableTags,
            },
            { parent },
        );
    }
    const projects = [project];
    if (plan.cacheProject !== undefined) {
        const part = { project: role.cacheProject, retention: role.cacheRetention };
        const { storageQuota } = cache;
        // Nobody runs caches, so scanning them is pointless.
        const inputs = { name: plan.cacheProject, storageQuota, vulnerabilityScanning: false };
        projects.push(declare(part, inputs, rules.cacheProject, cache.import));
    }
    if (plan.reviewProject !== undefined) {
        const part = { project: role.reviewProject, retention: role.reviewRetention };
        projects.push(declare(part, { name: plan.reviewProject }, rules.reviewProject, undefined));
    }
    return projects;
}
