import type { Project } from "../../harbor/project";

/** Kinds of project. */
export const projectTypes = ["Project", "ProxyCache"] as const;

/** Whether a project holds what is pushed into it, or caches another registry. */
export function projectType(project: Project): (typeof projectTypes)[number] {
    return project.registryId === undefined ? "Project" : "ProxyCache";
}
