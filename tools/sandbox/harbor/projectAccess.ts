import { isSystemAdmin } from "./core/account";
import type { Call } from "./core/api";
import { forbidden, notFound, unauthorized } from "./core/fault";
import type { Project } from "./core/model";
import { may } from "./core/policy";

/** Finds a project by name, or by number unless the caller marks it as a name. */
function findProject(call: Call, text: string): Project | undefined {
    const projects = call.services.store.of("projects");
    const named = call.header("x-is-resource-name") === "true";
    return /^\d+$/.test(text) && !named
        ? projects.get(Number(text))
        : projects.find((project) => project.name === text);
}

/**
 * The project in a path, if the account may do this to it. Only users who may see a private project
 * learn that it exists: others get 403, anonymous users 401.
 */
export function projectFor(call: Call, resource: string, action: string, name?: string): Project {
    const text = name ?? call.param("project_name_or_id");
    return allowedProject(call, resource, action, text, findProject(call, text));
}

/** Like `projectFor`, but the text is always a name, even if it consists of digits. */
export function projectNamed(call: Call, resource: string, action: string, name: string): Project {
    const found = call.services.store.of("projects").find((project) => project.name === name);
    return allowedProject(call, resource, action, name, found);
}

/**
 * The name in the path, if the account may do this in the project of that name. System
 * administrators may do it even in missing projects: Harbor then fails at its next lookup.
 */
export function allowedProjectName(call: Call, resource: string, action: string): string {
    const name = call.param("project_name");
    const found = call.services.store.of("projects").find((project) => project.name === name);
    requireAllowed(call, resource, action, found);
    return name;
}

function allowedProject(
    call: Call,
    resource: string,
    action: string,
    text: string,
    project: Project | undefined,
): Project {
    requireAllowed(call, resource, action, project);
    if (project === undefined) {
        throw notFound(`project ${text} not found`);
    }
    return project;
}

function requireAllowed(
    { account, services }: Call,
    resource: string,
    action: string,
    project: Project | undefined,
): void {
    const allowed =
        project === undefined
            ? isSystemAdmin(account)
            : may(services.store, account, project, resource, action);
    if (!allowed) {
        throw account.kind === "anonymous" ? unauthorized() : forbidden();
    }
}
