import * as harbor from "@pulumi/harbor";
import * as pulumi from "@pulumi/pulumi";
import { type Fault, UserError } from "../arguments/userError";
import { isDeclaredBeside } from "../engine/declaredProjects";
import { hookName, inItsRun, takesHooks } from "../engine/hook";
import type { AccessArgs } from "./args";
import { claimProjects } from "./claimProjects";

/** The Harbor projects that a cached image uses but does not declare. */
export class UsedProjects {
    private readonly component: pulumi.ComponentResource;
    private readonly name: string;
    private readonly isOrdered: boolean;
    private readonly faults: ReadonlyMap<string, Fault>;
    private readonly askDefault: (project: string) => Promise<boolean>;

    /** @param askDefault whether Harbor has a project, when the component has no explicit provider */
    constructor(
        component: pulumi.ComponentResource,
        name: string,
        args: AccessArgs,
        opts: pulumi.ComponentResourceOptions,
        askDefault: (project: string) => Promise<boolean>,
    ) {
        this.askDefault = askDefault;
        this.component = component;
        this.name = name;
        // An empty list orders nothing.
        this.isOrdered = [opts.dependsOn ?? []].flat().length > 0;
        this.faults = faultsOfMissing(args);
        void claimProjects(component, `CachedImage "${name}"`, this.faults.keys());
    }

    /**
     * Describes the fault of a missing project. Undefined when the component declares the project, or
     * when the project may still appear: another part of the program declares it, or the component
     * waits for other resources.
     */
    async judge(project: string): Promise<string | undefined> {
        const fault = this.faults.get(project);
        const isAwaited = this.isOrdered && pulumi.runtime.isDryRun();
        const isMissing = fault !== undefined && !isAwaited;
        if (!isMissing || (await isDeclaredBeside(this.component, project)) !== false) {
            return undefined;
        }
        return new UserError(`CachedImage "${this.name}"`, [fault]).message;
    }

    /**
     * The hook of the robot account in these projects. Runs that create the robot account first ask
     * Harbor for the projects, in previews too.
     */
    hooks(): pulumi.ResourceHookBinding | undefined {
        if (this.faults.size === 0 || !takesHooks()) {
            return undefined;
        }
        const ask = new pulumi.ResourceHook(
            hookName(this.name, "project"),
            inItsRun(() => this.refuseMissing()),
            { onDryRun: true },
        );
        return { beforeCreate: [ask] };
    }

    private async refuseMissing(): Promise<void> {
        for (const project of this.faults.keys()) {
            const obstacle = (await this.exists(project)) ? undefined : await this.judge(project);
            if (obstacle !== undefined) {
                throw new Error(obstacle);
            }
        }
    }

    /** Whether Harbor has the project; true when that is unknown. */
    private async exists(project: string): Promise<boolean> {
        if (this.component.getProvider("harbor:index/project:Project") === undefined) {
            return this.askDefault(project);
        }
        try {
            await harbor.getProject({ name: project }, { parent: this.component });
            return true;
        } catch (error) {
            // Other errors prove nothing: the login may lack the right to ask, or Harbor may be unreachable.
            return !String(error).includes(`Harbor has no project "${project}"`);
        }
    }
}

function faultsOfMissing({ project, cache }: AccessArgs): ReadonlyMap<string, Fault> {
    const faults = new Map<string, Fault>();
    const fallback = cache?.fallbackProject;
    if (fallback !== undefined && fallback !== (cache?.project ?? project.name)) {
        const message = `Harbor has no project "${fallback}". Expected the project that holds the caches of cache.fallbackScopes. Fix: correct the name, or remove cache.fallbackProject`;
        faults.set(fallback, { path: "cache.fallbackProject", message });
    }
    if (cache?.project !== undefined && cache.project !== project.name) {
        const message = `Harbor has no project "${cache.project}". Create it first (an ImageProject declares its cache.project), or correct the name`;
        faults.set(cache.project, { path: "cache.project", message });
    }
    if (project.existing) {
        const message = `Harbor has no project "${project.name}". Remove project.existing to declare it here, or correct the name; if this program declares it elsewhere, add that resource to dependsOn`;
        faults.set(project.name, { path: "project.name", message });
    }
    return faults;
}
