import type { Fault } from "../arguments/userError";
import type { AccessArgs } from "./args";

/**
 * Moves the credentials and the cache of `args.project`, such as an image project's, to the arguments
 * of the image, which take precedence.
 */
export function spreadProject<Args extends AccessArgs>(args: Args): AccessArgs & Args {
    const { credentials, cache, ...project } = args.project;
    const spread = { ...args, project, credentials: args.credentials ?? credentials };
    if (cache === undefined) {
        return spread;
    }
    return {
        ...spread,
        cache: {
            ...args.cache,
            project: args.cache?.project ?? cache.project,
            backend: args.cache?.backend ?? cache.backend,
        },
    };
}

/** Faults of arguments that {@link spreadProject} moved, with the paths at which the user set them. */
export function withGivenPaths(faults: readonly Fault[], args: AccessArgs): readonly Fault[] {
    const { project, credentials, cache = {} } = args;
    const moved = [
        ...(credentials === undefined && project.credentials ? ["credentials"] : []),
        ...(["project", "backend"] as const)
            .filter((name) => cache[name] === undefined && project.cache?.[name] !== undefined)
            .map((name) => `cache.${name}`),
    ];
    return faults.map(({ path, message }) =>
        moved.some((one) => path === one || path.startsWith(`${one}.`))
            ? { path: `project.${path}`, message }
            : { path, message },
    );
}
