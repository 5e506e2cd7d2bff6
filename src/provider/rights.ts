import type { HarborError } from "../harbor/error";

const ofProject = "an administrator of the project";
const ofSystem = "a system administrator";
/** What a project's administrator may do in it, and a system administrator for all of Harbor. */
const ofEither = `${ofProject}, or ${ofSystem} where it is one of all of Harbor`;

/** By the path of a request, first match first; what matches nothing concerns the whole Harbor. */
const rights: readonly (readonly [path: RegExp, takes: string])[] = [
    [
        /^\/projects\/?$/,
        `${ofSystem}, unless Harbor's setting project_creation_restriction is "everyone"`,
    ],
    // Whoever may not see all projects is told 403 for those that do not exist, too.
    [/^\/projects\//, `${ofProject}, if there is such a project`],
    [/^\/retentions/, ofProject],
    [/^\/(robots|labels)/, ofEither],
];

/** Whose right a refused request takes. */
export function rightFor({ url }: Pick<HarborError, "url">): string {
    const path = url === undefined ? "" : new URL(url).pathname.replace(/^.*\/api\/v2\.0/, "");
    return rights.find(([pattern]) => pattern.test(path))?.[1] ?? ofSystem;
}
