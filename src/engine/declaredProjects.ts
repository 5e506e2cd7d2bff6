import { setImmediate } from "node:timers/promises";
import * as harbor from "@pulumi/harbor";
import * as pulumi from "@pulumi/pulumi";

/** Members of a resource that the SDK's types do not show (3.245 to 3.270). */
interface Kin {
    readonly __parentResource?: pulumi.Resource & Kin;
    readonly __childResources?: ReadonlySet<pulumi.Resource & Kin>;
}

/** Time to wait for the name of a declared project, in milliseconds. */
const nameTimeoutMs = 5000;

/**
 * Whether the program declares a Harbor project of this name; undefined while unknown, as for the
 * program of another language, which runs in another process.
 */
export async function isDeclaredBeside(
    component: pulumi.Resource & Kin,
    name: string,
): Promise<boolean | undefined> {
    // The program may declare the project after the component.
    await setImmediate();
    const projects = projectsInSight(component);
    if (projects === undefined) {
        return undefined;
    }
    const declared = await Promise.all(projects.map(nameOf));
    return declared.includes(name) || (declared.includes(undefined) ? undefined : false);
}

/**
 * The Harbor project of this name that the program declared before the component; undefined when none
 * is in sight. A project that is declared later may depend on the component, so that neither could wait
 * for the other.
 */
export async function projectBeside(
    component: pulumi.Resource & Kin,
    name: string,
): Promise<harbor.Project | undefined> {
    const projects = projectsInSight(component) ?? [];
    const names = await Promise.all(projects.map(nameOf));
    return projects[names.indexOf(name)];
}

/** The projects that the program has declared so far; undefined in the program of another language. */
function projectsInSight(component: pulumi.Resource & Kin): harbor.Project[] | undefined {
    let root: pulumi.Resource & Kin = component;
    while (root.__parentResource !== undefined) {
        root = root.__parentResource;
    }
    return root === pulumi.runtime.getStackResource() ? projectsBelow(root) : undefined;
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
