import type { CachedImageArgs } from "./cachedImageArgs";

/**
 * The arguments with all that their project brings along, such as an image project's login, in its
 * usual place. What the arguments say themselves goes before.
 */
export function spreadProject(args: CachedImageArgs): CachedImageArgs {
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
