import * as harbor from "@pulumi/harbor";
import * as pulumi from "@pulumi/pulumi";
import type { CachedImageArgs } from "./cachedImageArgs";
import { hookName, inItsRun, takesHooks } from "./hooks/hook";
import { type Fault, UserError } from "./userError";

/** The Harbor projects that a cached image uses and others declare. */
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
        // An empty list names nothing that is waited for.
        this.isOrdered = [opts.dependsOn ?? []].flat().length > 0;
        this.faults = faultsOfMissing(args);
    }

    /**
     * Says what is wrong with a project that does not exist; undefined when it is none of these, or
     * may come yet: another part of the program declares it, or is waited for.
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
     * The hook of the robot account that is made in these projects: Harbor is asked when one is about
     * to be made, in previews too, and by no run that makes none.
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

    /** Whether Harbor has the project, as far as it can be known. */
    private async exists(project: string): Promise<boolean> {
        try {
            await harbor.getProject({ name: project }, { parent: this.component });
            return true;
        } catch (error) {
            // Any other answer, of a login that may not ask or a Harbor out of reach, claims nothing.
            return !String(error).includes(`Harbor has no project "${project}"`);
        }
    }
}

function faultsOfMissing({ project, cache }: CachedImageArgs): ReadonlyMap<string, Fault> {
    const faults = new Map<string, Fault>();
    if (cache?.project !== undefined && cache.project !== project.name) {
        const message = `Harbor has no project "${cache.project}". Make it first (an ImageProject declares its cache.project), or correct the name`;
        faults.set(cache.project, { path: "cache.project", message });
    }
    if (project.existing) {
        const message = `Harbor has no project "${project.name}". Leave project.existing out to declare it here, or correct the name; when this program declares it elsewhere, name that in dependsOn`;
        faults.set(project.name, { path: "project.name", message });
    }
    return faults;
}

/** A resource as the SDK keeps it: the members are not in its types (3.245 to 3.270). */
interface Kin {
    readonly __parentResource?: pulumi.Resource & Kin;
    readonly __childResources?: ReadonlySet<pulumi.Resource & Kin>;
}

/** How long the name of a declared project is waited for, in milliseconds. */
const nameTimeoutMs = 1000;

/** Whether the program declares a Harbor project of this name, or may: not all of it is seen. */
async function isDeclaredBeside(component: pulumi.Resource & Kin, name: string): Promise<boolean> {
    let root: pulumi.Resource & Kin = component;
    while (root.__parentResource !== undefined) {
        root = root.__parentResource;
    }
    // Another language's program is in another process.
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

/** The name of a declared project; undefined while it is not known. */
function nameOf(project: harbor.Project): Promise<string | undefined> {
    return new Promise((resolve) => {
        const timer = setTimeout(() => resolve(undefined), nameTimeoutMs);
        project.name.apply((name) => {
            clearTimeout(timer);
            resolve(name);
        });
    });
}
