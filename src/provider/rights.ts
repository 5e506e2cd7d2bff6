import type { RequestError } from "../http/error";

const ofProject = "an administrator of the project";
const ofSystem = "a system administrator";
/** For requests that exist for one project and for all of Harbor. */
const ofEither = `${ofProject}, or ${ofSystem} where it is one of all of Harbor`;

/** The required role by the path of a request; the first match counts. Other paths concern all of Harbor. */
const rights: readonly (readonly [path: RegExp, takes: string])[] = [
    [
        /^\/projects\/?$/,
        `${ofSystem}, unless Harbor's setting project_creation_restriction is "everyone"`,
    ],
    // A login that may not see all projects also gets 403 for missing projects.
    [/^\/projects\//, `${ofProject}, if there is such a project`],
    [/^\/retentions/, ofProject],
    [/^\/(robots|labels)/, ofEither],
];

/** The role that a refused request needs. */
export function rightFor({ url }: Pick<RequestError, "url">): string {
    const path = url === undefined ? "" : new URL(url).pathname.replace(/^.*\/api\/v2\.0/, "");
    return rights.find(([pattern]) => pattern.test(path))?.[1] ?? ofSystem;
}
