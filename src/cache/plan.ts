import { formatReference } from "../oci/reference";
import { CacheBackend } from "./backend";
import { cacheTag } from "./scope";

/** What the cache plan is made from: plain values alone, so that every preview knows all of it. */
export interface CachePlanRequest {
    /** Registry host. */
    readonly registry: string;
    /** Repository that holds the caches: `project/image/cache`. */
    readonly repository: string;
    /** Stages that get an image of their own, in the order in which they are built. */
    readonly builderStages: readonly string[];
    /** Scope that this stack writes. */
    readonly scope: string;
    /** Scopes read after the own one, nearest first. */
    readonly fallbackScopes: readonly string[];
    /** References the user adds. */
    readonly extraSources: readonly string[];
    readonly backend: CacheBackend;
    /** Whether this stack writes its scope's cache; if not, it reads alone. */
    readonly write: boolean;
    /** Platform of the images; undefined when one is built and its name need not be told. */
    readonly platform?: string | undefined;
}

/** Where one image's cache is read from, and how it is written. */
export interface ImageCachePlan {
    /** References asked for cache. */
    readonly cacheFrom: readonly string[];
    /** Reference under which the image, and with it its inline cache, is pushed. */
    readonly inlineRef?: string | undefined;
    /** Reference of a cache manifest of its own. */
    readonly registryRef?: string | undefined;
}

export interface CachePlan {
    readonly builderImages: readonly (ImageCachePlan & { readonly stage: string })[];
    readonly app: ImageCachePlan;
}

/**
 * Decides every cache reference of one cached image.
 *
 * The app image's cache is a manifest of its own that carries every stage: an inline one would know
 * the builder stages' steps and have no layers of them, and answer for them all the same
 * (docs/adr/0002).
 *
 * Inline: each builder stage has an image that carries the cache of its stage; it reads that stage's
 * caches. The app image reads them first and its own cache at the end.
 *
 * Registry: the app image's cache is the only one. A stack that does not write has no builder-stage
 * images either: they would be for others to read.
 */
export function planCache(request: CachePlanRequest): CachePlan {
    const { backend, write, scope, platform, builderStages, extraSources } = request;
    const reference = (from: string, stage?: string) =>
        formatReference({
            registry: request.registry,
            repository: request.repository,
            tag: cacheTag({ scope: from, stage, platform }),
        });
    const scopes = [scope, ...request.fallbackScopes];
    const sources = (stage?: string) => scopes.map((from) => reference(from, stage));
    const registryRef = write ? reference(scope) : undefined;
    if (backend === CacheBackend.Registry) {
        const app = { cacheFrom: [...sources(), ...extraSources], registryRef };
        return { builderImages: [], app };
    }
    return {
        builderImages: (write ? builderStages : []).map((stage) => ({
            stage,
            cacheFrom: [...sources(stage), ...extraSources],
            inlineRef: reference(scope, stage),
        })),
        app: {
            cacheFrom: [
                ...extraSources,
                ...builderStages.flatMap((stage) => sources(stage).reverse()),
                ...sources().reverse(),
            ],
            registryRef,
        },
    };
}
