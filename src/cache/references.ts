import { formatReference } from "../oci/reference";
import { CacheBackend } from "./backend";
import { cacheTag } from "./scope";

/** Input of the cache plan: only plain values, so that every preview knows the plan. */
export interface CachePlanRequest {
    /** Registry host. */
    readonly registry: string;
    /** Repository that holds the caches: `project/image/cache`. */
    readonly repository: string;
    /** What the tags of the caches start with. @default nothing */
    readonly tagPrefix?: string | undefined;
    /** Stages with a builder-stage image, in build order. */
    readonly builderStages: readonly string[];
    /** Scope that this stack writes. */
    readonly scope: string;
    /** Scopes to read after the stack's own scope, nearest first. */
    readonly fallbackScopes: readonly string[];
    /** Repository that holds the caches of the fallback scopes. @default `repository` */
    readonly fallbackRepository?: string | undefined;
    /** The user's additional references. */
    readonly extraSources: readonly string[];
    readonly backend: CacheBackend;
    /** Whether this stack writes the cache of its scope; if not, it only reads. */
    readonly write: boolean;
    /** Platform of the images; undefined for a single platform, which the tags leave out. */
    readonly platform?: string | undefined;
}

/** The caches to copy into the stack's cache before a build. */
export interface CacheGathering {
    /** Reference of the stack's cache. */
    readonly into: string;
    /** References of the caches to copy; the first takes precedence. */
    readonly from: readonly string[];
    /** Reference of the saves of cache mounts that the stack's cache must have. @default none */
    readonly kept?: string | undefined;
}

/** The cache references that the build of one image reads and writes. */
export interface ImageCachePlan {
    /** References to read cache from. */
    readonly cacheFrom: readonly string[];
    /** Reference to push the image to, with its inline cache. */
    readonly inlineRef?: string | undefined;
    /** Reference of the cache manifest to write. */
    readonly registryRef?: string | undefined;
}

export interface CachePlan {
    readonly builderImages: readonly (ImageCachePlan & { readonly stage: string })[];
    readonly app: ImageCachePlan;
    /** Undefined when the stack writes no cache, or has no other caches to copy. */
    readonly gathering: CacheGathering | undefined;
    /** Where the content of cache mounts is kept; undefined when the stack writes no cache. */
    readonly mounts: CacheMountsPlan | undefined;
}

/**
 * References for the content of cache mounts: where the build saves it, and where the last good
 * saves are kept.
 */
export interface CacheMountsPlan {
    readonly candidate: string;
    readonly kept: string;
    /** The kept saves of the fallback scopes, nearest first. */
    readonly fallbacks: readonly string[];
    /** The stack's cache, whose steps restore the mounts. */
    readonly cache: string;
}

/**
 * The tags of {@link CacheMountsPlan} contain one of these where the tags of other caches have a stage
 * name. They start with a digit and stage names start with a letter, so the two never conflict.
 */
const mountTags = { candidate: "0-save", kept: "0-mounts" } as const;

/**
 * Plans every cache reference of one cached image.
 *
 * The app image's build writes a cache manifest with the layers of every stage. In a stack that
 * writes its cache, every image reads only this manifest of the stack: with several sources, BuildKit
 * keeps one answer per step and loses what the other sources have for later steps (docs/adr/0002).
 * Other caches are gathered into this manifest before a build: the caches of builder-stage images
 * whose app image failed, and the caches of the fallback scopes.
 *
 * A stack that does not write cannot gather. It reads the caches of its scopes, the nearest last,
 * because BuildKit mostly uses the last answer. It has no builder-stage images, since only other
 * stacks would use them.
 *
 * With `CacheBackend.Images` there is no manifest to gather into: every image reads the builder-stage
 * images of the stack and of its fallback scopes.
 */
export function planCache(request: CachePlanRequest): CachePlan {
    const { registry, backend, write, scope, platform, builderStages } = request;
    const { repository, fallbackRepository = repository, tagPrefix: prefix } = request;
    const referenceIn = (repository: string) => (from: string, stage?: string) =>
        formatReference({
            registry,
            repository,
            tag: cacheTag({ scope: from, stage, platform, prefix }),
        });
    const reference = referenceIn(repository);
    const fallback = referenceIn(fallbackRepository);
    const own = reference(scope);
    // The program may also run in the stack of the main branch, whose fallback is itself.
    const fallbackScopes = request.fallbackScopes.filter((one) => fallback(one) !== own);
    const stages = backend === CacheBackend.Registry ? [] : builderStages;
    const from = [
        ...stages.map((stage) => reference(scope, stage)),
        ...fallbackScopes.flatMap((one) => [
            fallback(one),
            ...stages.map((stage) => fallback(one, stage)),
        ]),
    ];
    // The program may also run in the stack of the main branch, whose cache others add by reference.
    const extraSources = request.extraSources.filter((one) => one !== own && !from.includes(one));
    const nothing = { builderImages: [], gathering: undefined, mounts: undefined };
    const imagesFrom = (cacheFrom: readonly string[]) =>
        stages.map((stage) => ({ stage, cacheFrom, inlineRef: reference(scope, stage) }));
    if (backend === CacheBackend.Images) {
        const fallbacks = [...fallbackScopes]
            .reverse()
            .flatMap((one) => stages.map((stage) => fallback(one, stage)));
        const own = stages.map((stage) => reference(scope, stage));
        const cacheFrom = [...extraSources, ...fallbacks, ...own];
        const builderImages = write ? imagesFrom(cacheFrom) : [];
        return { ...nothing, builderImages, app: { cacheFrom } };
    }
    if (!write) {
        const fallbacks = fallbackScopes.map((one) => fallback(one)).reverse();
        return { ...nothing, app: { cacheFrom: [...extraSources, ...fallbacks, own] } };
    }
    const cacheFrom = [...extraSources, own];
    return {
        builderImages: imagesFrom(cacheFrom),
        app: { cacheFrom, registryRef: own },
        gathering: from.length === 0 ? undefined : { into: own, from },
        mounts: {
            candidate: reference(scope, mountTags.candidate),
            kept: reference(scope, mountTags.kept),
            fallbacks: fallbackScopes.map((one) => fallback(one, mountTags.kept)),
            cache: own,
        },
    };
}
