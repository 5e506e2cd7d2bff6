import { UserError } from "./failure";

/** The number at the end of an id such as `/robots/3`, a bare `3` included; undefined when `id` is something else. */
export function numberIn(id: string, collection: string): number | undefined {
    const match = new RegExp(`^(?:/?${collection}/)?(\\d+)/?$`).exec(id.trim());
    return match ? Number(match[1]) : undefined;
}

/** What follows the collection in an id such as `/projects/shop`; a bare `shop` is taken too. */
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

/** What is wrong with a project's id. */
export function projectIdRule(value: string): string | undefined {
    if (numberIn(value, "projects") !== undefined) return undefined;
    return `"${value}" is no project id, expecting "/projects/N"; pass the id of a harbor.Project or of getProject, not the project's name`;
}

/** The number of a project whose id has passed {@link projectIdRule}. */
export function projectNumber(value: string): number {
    const number = numberIn(value, "projects");
    if (number === undefined) throw new UserError(projectIdRule(value));
    return number;
}

/** The two numbers in an id such as `/projects/3/members/7`. @throws UserError when `id` is something else. */
export function memberOf(
    id: string,
    collection: string,
    what: string,
): { readonly projectId: number; readonly member: number } {
    const match = new RegExp(`^/?projects/(\\d+)/${collection}/(\\d+)/?$`).exec(id.trim());
    if (match) return { projectId: Number(match[1]), member: Number(match[2]) };
    throw new UserError(`"${id}" is no id of ${what}, expecting /projects/N/${collection}/N`);
}

/** Refuses every id but the only one there is. */
export function onlyId(id: string, only: string): void {
    if (id.trim() !== only) throw new UserError(`"${id}" is not there; the only id is ${only}`);
}
