import type { Project } from "../../harbor/project";

/** Kinds of project. */
export const projectTypes = ["Project", "ProxyCache"] as const;

/** The kind of a project: with pushed artifacts, or a proxy cache of another registry. */
export function projectType(project: Project): (typeof projectTypes)[number] {
    return project.registryId === undefined ? "Project" : "ProxyCache";
}
