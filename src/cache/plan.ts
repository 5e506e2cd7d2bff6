import { formatReference } from "../oci/reference";
import { cacheTag } from "./scope";

/** What the cache plan is made from: plain values alone, so that every preview knows all of it. */
export interface CachePlanRequest {
    /** Registry host. */
    readonly registry: string;
    /** `project/image`. */
    readonly repository: string;
    /** Stages that get an image of their own, in the order in which they are built. */
    readonly builderStages: readonly string[];
    /** Scope that this stack writes. */
    readonly scope: string;
    /** Scopes read after the own one, nearest first. */
    readonly fallbackScopes: readonly string[];
    /** References the user adds. */
    readonly extraSources: readonly string[];
}

/** Where one image's cache is read from and written to. */
export interface ImageCachePlan {
    /** References asked for cache. BuildKit prefers none by position, see {@link planCache}. */
    readonly cacheFrom: readonly string[];
    /** Reference under which the image, and with it its inline cache, is pushed. */
    readonly cacheRef: string;
}

export interface CachePlan {
    readonly builderImages: readonly (ImageCachePlan & { readonly stage: string })[];
    readonly app: ImageCachePlan;
}

/**
 * Decides every cache reference of one cached image.
 *
 * The caches live in `project/image/cache`, apart from the images that run: tags there move, so
 * policies for the app's repository (immutable tags, retention) need not know of them. A
 * builder-stage image reads its own stage's caches. The app image reads the builder stages' caches
 * first and its own last image at the end: when the builder-stage image was not solved on this
 * machine, that order leaves the layers lazy in the most runs (docs/adr/0002).
 */
export function planCache(request: CachePlanRequest): CachePlan {
    const scopes = [request.scope, ...request.fallbackScopes];
    const reference = (scope: string, stage?: string) =>
        formatReference({
            registry: request.registry,
            repository: `${request.repository}/cache`,
            tag: cacheTag(scope, stage),
        });
    const sources = (stage?: string) => scopes.map((scope) => reference(scope, stage));
    return {
        builderImages: request.builderStages.map((stage) => ({
            stage,
            cacheFrom: [...sources(stage), ...request.extraSources],
            cacheRef: reference(request.scope, stage),
        })),
        app: {
            cacheFrom: [
                ...request.extraSources,
                ...request.builderStages.flatMap((stage) => sources(stage).reverse()),
                ...sources().reverse(),
            ],
            cacheRef: reference(request.scope),
        },
    };
}
