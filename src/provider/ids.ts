import { UserError } from "./failure";

/** The number at the end of an id such as `/robots/3` or `3`; undefined for other ids. */
export function numberIn(id: string, collection: string): number | undefined {
    const match = new RegExp(`^(?:/?${collection}/)?(\\d+)/?$`).exec(id.trim());
    return match ? Number(match[1]) : undefined;
}

/** What has a number of its own, by the collection in the id. */
const numbered = {
    labels: "a label",
    projects: "a project",
    registries: "a registry",
    "replication/policies": "a replication policy",
    retentions: "a retention policy",
    robots: "a robot account",
    usergroups: "a group",
    users: "a user",
} as const;

/** As {@link numberIn}. @throws UserError for other ids. */
export function requiredNumberIn(id: string, collection: keyof typeof numbered): number {
    const number = numberIn(id, collection);
    if (number !== undefined) return number;
    throw new UserError(
        `"${id}" is not the id of ${numbered[collection]}; expected /${collection}/N`,
    );
}

/** Harbor's path for an id, in one spelling: `/robots/3`. @throws UserError for other ids. */
export function pathIn(id: string, collection: keyof typeof numbered): string {
    return `/${collection}/${requiredNumberIn(id, collection)}`;
}

/** The name after the collection in an id such as `/projects/shop`; also accepts `shop`. */
export function nameIn(id: string, collection: string): string {
    return id
        .trim()
        .replace(new RegExp(`^/?${collection}/`), "")
        .replace(/\/$/, "");
}

/** One spelling for a project's id: `/projects/N`. */
export function canonicalProjectId(value: string): string {
    const number = numberIn(value, "projects");
    return number === undefined ? value : `/projects/${number}`;
}

/** Why a project's id is invalid. */
export function projectIdRule(value: string): string | undefined {
    if (numberIn(value, "projects") !== undefined) return undefined;
    return `"${value}" is not a project id; expected "/projects/N"; pass the id of a harbor.Project or of getProject, not the project's name`;
}

/** The property with the id of the project that a resource belongs to. */
export const projectIdProperty = {
    type: "string",
    required: true,
    replace: true,
    check: projectIdRule,
    normalize: canonicalProjectId,
    description: "Id of the project, `/projects/N`.",
} as const;

/** The number of a project whose id passed {@link projectIdRule}. */
export function projectNumber(value: string): number {
    const number = numberIn(value, "projects");
    if (number === undefined) throw new UserError(projectIdRule(value));
    return number;
}

/** The path and the two numbers in an id such as `/projects/3/members/7`. @throws UserError for other ids. */
export function memberOf(
    id: string,
    collection: string,
    what: string,
): { readonly path: string; readonly projectId: number; readonly member: number } {
    const match = new RegExp(`^/?projects/(\\d+)/${collection}/(\\d+)/?$`).exec(id.trim());
    if (match) {
        const [projectId, member] = [Number(match[1]), Number(match[2])];
        return { path: `/projects/${projectId}/${collection}/${member}`, projectId, member };
    }
    throw new UserError(`"${id}" is not the id of ${what}; expected /projects/N/${collection}/N`);
}

/** Rejects every id except the only one. */
export function onlyId(id: string, only: string): void {
    if (id.trim() !== only) throw new UserError(`"${id}" does not exist; the only id is ${only}`);
}
