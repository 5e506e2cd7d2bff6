import * as harbor from "@pulumi/harbor";
import * as pulumi from "@pulumi/pulumi";
import type { CachedImageArgs } from "./cachedImageArgs";
import { hookName, inItsRun, takesHooks } from "./hooks/hook";
import { type Fault, UserError } from "./userError";

/** The Harbor projects that a cached image uses but does not declare. */
export class UsedProjects {
    private readonly component: pulumi.ComponentResource;
    private readonly name: string;
    private readonly isOrdered: boolean;
    private readonly faults: ReadonlyMap<string, Fault>;

    constructor(
        component: pulumi.ComponentResource,
        name: string,
        args: CachedImageArgs,
        opts: pulumi.ComponentResourceOptions,
    ) {
        this.component = component;
        this.name = name;
        // An empty list orders nothing.
        this.isOrdered = [opts.dependsOn ?? []].flat().length > 0;
        this.faults = faultsOfMissing(args);
    }

    /**
     * Describes the fault of a missing project. Undefined when the component declares the project, or
     * when the project may still appear: another part of the program declares it, or the component
     * waits for other resources.
     */
    async judge(project: string): Promise<string | undefined> {
        const fault = this.faults.get(project);
        const isAwaited = this.isOrdered && pulumi.runtime.isDryRun();
        if (fault === undefined || isAwaited || (await isDeclaredBeside(this.component, project))) {
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
        try {
            await harbor.getProject({ name: project }, { parent: this.component });
            return true;
        } catch (error) {
            // Other errors prove nothing: the login may lack the right to ask, or Harbor may be unreachable.
            return !String(error).includes(`Harbor has no project "${project}"`);
        }
    }
}

function faultsOfMissing({ project, cache }: CachedImageArgs): ReadonlyMap<string, Fault> {
    const faults = new Map<string, Fault>();
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

/** Members of a resource that the SDK's types do not show (3.245 to 3.270). */
interface Kin {
    readonly __parentResource?: pulumi.Resource & Kin;
    readonly __childResources?: ReadonlySet<pulumi.Resource & Kin>;
}

/** Time to wait for the name of a declared project, in milliseconds. */
const nameTimeoutMs = 1000;

/** Whether the program declares a Harbor project of this name, or may declare it out of sight. */
async function isDeclaredBeside(component: pulumi.Resource & Kin, name: string): Promise<boolean> {
    let root: pulumi.Resource & Kin = component;
    while (root.__parentResource !== undefined) {
        root = root.__parentResource;
    }
    // The program of another language runs in another process.
    if (root !== pulumi.runtime.getStackResource()) {
        return true;
    }
    const declared = await Promise.all(projectsBelow(root).map(nameOf));
    return declared.includes(name) || declared.includes(undefined);
}

function projectsBelow(resource: pulumi.Resource & Kin): harbor.Project[] {
    const own = harbor.Project.isInstance(resource) ? [resource] : [];
    return [...own, ...[...(resource.__childResources ?? [])].flatMap(projectsBelow)];
}

/** The name of a declared project; undefined while unknown. */
function nameOf(project: harbor.Project): Promise<string | undefined> {
    return new Promise((resolve) => {
        const timer = setTimeout(() => resolve(undefined), nameTimeoutMs);
        project.name.apply((name) => {
            clearTimeout(timer);
            resolve(name);
        });
    });
}
