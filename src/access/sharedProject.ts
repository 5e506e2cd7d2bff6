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
