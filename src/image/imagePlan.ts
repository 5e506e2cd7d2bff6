import type { CacheGathering, CacheMountsPlan, ImageCachePlan } from "../cache/references";
import type { ContextTree } from "../context";
import type { Dockerfile } from "../dockerfile";
import type { Slice } from "../slice";

/** One image to build and push. */
export interface ImagePlan {
    /** Stage to build; undefined for the last stage of the Dockerfile. */
    readonly target: string | undefined;
    readonly platform: string | undefined;
    /** The parts of the Dockerfile and the context that the target reads. */
    readonly slice: Slice;
    /** References to push; the first identifies the image. */
    readonly tags: readonly string[];
    readonly cache: ImageCachePlan;
}

/** The images of one platform, in build order. */
export interface PlatformPlan {
    readonly platform: string | undefined;
    readonly builderImages: readonly (ImagePlan & { readonly stage: string })[];
    readonly app: ImagePlan;
    /**
     * A second build of the app image that writes the cache, for stacks whose previews build:
     * docker-build would write the cache of the first build in the preview. Undefined when the app
     * image writes the cache, or nothing does.
     */
    readonly appCache: ImagePlan | undefined;
    /** The caches to copy into the stack's cache before a build. */
    readonly gathering: CacheGathering | undefined;
    /** Where the content of cache mounts is kept; undefined when the stack saves none. */
    readonly mounts: CacheMountsPlan | undefined;
}

/** Everything that a {@link CachedImage} declares, as plain values. */
export interface CachedImagePlan {
    readonly registry: string;
    readonly project: string;
    /** Name of the image below the project. */
    readonly image: string;
    /** Where the caches are, with their scope; no other component may have the same. */
    readonly cache: { readonly repository: string; readonly scope: string };
    /** The build context of the slices. */
    readonly tree: ContextTree;
    /** The whole Dockerfile. */
    readonly dockerfile: Dockerfile;
    /** Path of the Dockerfile in messages. */
    readonly dockerfilePath: string;
    /** Locations of the named contexts. */
    readonly namedContexts: Readonly<Record<string, string>>;
    readonly builds: readonly PlatformPlan[];
    /** References of the app image; the first identifies it. */
    readonly references: readonly string[];
    /** References of the indexes that join several platforms; empty for one platform. */
    readonly indexes: readonly string[];
    /** The tag derived from the content, as in `references`; undefined without `tagByContent`. */
    readonly contentTag: string | undefined;
    /** Remarks on the Dockerfile that are not faults. */
    readonly notes: readonly string[];
    /** Likely mistakes that do not stop a build. */
    readonly warnings: readonly string[];
}

/** The planned images of all platforms, in build order. */
export function allImages({ builds }: Pick<CachedImagePlan, "builds">): readonly ImagePlan[] {
    return builds.flatMap(({ builderImages, app }) => [...builderImages, app]);
}

/** The planned images, on all platforms, whose target equals the one in docker-build's inputs. */
export function imagesOfTarget(
    plan: Pick<CachedImagePlan, "builds">,
    inputs: Readonly<Record<string, unknown>> | undefined,
): readonly ImagePlan[] {
    // docker-build's check replaces a missing target with an empty string.
    const named = inputs?.["target"] || undefined;
    return allImages(plan).filter(({ target }) => target === named);
}
