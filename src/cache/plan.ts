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

/** What the own cache takes over before anything is built. */
export interface CacheGathering {
    /** Reference of the own cache. */
    readonly into: string;
    /** References of the caches that it takes over, of which the first counts most. */
    readonly from: readonly string[];
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
    /** Undefined when no cache is written, or there is none to be taken over. */
    readonly gathering: CacheGathering | undefined;
}

/**
 * Decides every cache reference of one cached image.
 *
 * The app image's cache is a manifest of its own that carries every stage; all images of a stack
 * that writes it read it, and no other of the stack's: of several sources BuildKit keeps one answer
 * for each step and loses what the others have behind it (docs/adr/0002). What other caches have is
 * gathered into it instead, before anything is built: what a builder-stage image carries whose app
 * image failed, and the caches of the fallback scopes.
 *
 * A stack that does not write can gather nothing. It reads its scopes' caches, the nearest last,
 * whose answers count in most cases, and has no builder-stage images: they would be for others.
 */
export function planCache(request: CachePlanRequest): CachePlan {
    const { backend, write, scope, platform, builderStages, fallbackScopes } = request;
    const reference = (from: string, stage?: string) =>
        formatReference({
            registry: request.registry,
            repository: request.repository,
            tag: cacheTag({ scope: from, stage, platform }),
        });
    const own = reference(scope);
    const stages = backend === CacheBackend.Inline ? builderStages : [];
    const ofStages = (from: string) => stages.map((stage) => reference(from, stage));
    const from = [
        ...ofStages(scope),
        ...fallbackScopes.flatMap((one) => [reference(one), ...ofStages(one)]),
    ];
    // One program serves main's stack too, whose own cache others add by reference.
    const extraSources = request.extraSources.filter((one) => one !== own && !from.includes(one));
    if (!write) {
        const scopes = [scope, ...fallbackScopes].reverse().map((one) => reference(one));
        const cacheFrom = [...extraSources, ...scopes];
        return { builderImages: [], app: { cacheFrom }, gathering: undefined };
    }
    const cacheFrom = [...extraSources, own];
    return {
        builderImages: stages.map((stage) => ({
            stage,
            cacheFrom,
            inlineRef: reference(scope, stage),
        })),
        app: { cacheFrom, registryRef: own },
        gathering: from.length === 0 ? undefined : { into: own, from },
    };
}
