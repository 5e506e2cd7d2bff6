import { contentTag, cutSlices, type PlatformSlices } from "./buildPlan";
import { openBuildSource } from "./buildSource";
import { CacheBackend } from "./cache/backend";
import { type CacheGathering, type ImageCachePlan, planCache } from "./cache/plan";
import { type CachedImageArgs, PreviewMode } from "./cachedImageArgs";
import { argumentFaults } from "./cachedImageFaults";
import type { ContextTree, Slice } from "./context";
import type { Dockerfile } from "./dockerfile";
import { findHarborHost, type HarborHostSources } from "./harborHost";
import { platformSuffix } from "./oci/platform";
import { formatReference } from "./oci/reference";
import type { Fault } from "./userError";

/** What the program's surroundings add to the arguments. */
export interface CachedImageSurroundings extends Omit<HarborHostSources, "registry"> {
    /** Name of the Pulumi stack: the cache scope when none is given. */
    readonly stack: string;
}

/** One image to build and push. */
export interface ImagePlan {
    /** Stage to build; undefined for the Dockerfile's last. */
    readonly target: string | undefined;
    readonly platform: string | undefined;
    /** What of Dockerfile and context its target reads. */
    readonly slice: Slice;
    /** References that are pushed, the one that stands for the image first. */
    readonly tags: readonly string[];
    readonly cache: ImageCachePlan;
}

/** The images of one platform, in the order in which they are built. */
export interface PlatformPlan {
    readonly platform: string | undefined;
    readonly builderImages: readonly (ImagePlan & { readonly stage: string })[];
    readonly app: ImagePlan;
    /**
     * The app image once more, to write its cache where previews build: docker-build would write it
     * in the preview. Undefined where the app image does so itself, or no cache is written.
     */
    readonly appCache: ImagePlan | undefined;
    /** What the own cache takes over before anything is built. */
    readonly gathering: CacheGathering | undefined;
}

/** Everything that a {@link CachedImage} declares, as plain values. */
export interface CachedImagePlan {
    readonly registry: string;
    readonly project: string;
    /** Name of the image below the project. */
    readonly image: string;
    /** The build context that the slices are cut from. */
    readonly tree: ContextTree;
    /** The whole Dockerfile. */
    readonly dockerfile: Dockerfile;
    /** Its path as messages name it. */
    readonly dockerfilePath: string;
    /** Locations of the named contexts. */
    readonly namedContexts: Readonly<Record<string, string>>;
    readonly builds: readonly PlatformPlan[];
    /** References that bear the app image, the first of which stands for it. */
    readonly references: readonly string[];
    /** References of the indexes that join several platforms; empty for one platform. */
    readonly indexes: readonly string[];
    /** The tag that says what the image is built from, as `references` bear it; undefined for none. */
    readonly contentTag: string | undefined;
    /** What is worth saying of the Dockerfile and is no fault. */
    readonly notes: readonly string[];
    /** What builds but is hardly meant. */
    readonly warnings: readonly string[];
}

type Decision<T> = T | { readonly faults: readonly Fault[] };

/** Decides what a cached image consists of, or tells every argument that keeps it from that. */
export function planCachedImage(
    name: string,
    args: CachedImageArgs,
    surroundings: CachedImageSurroundings,
): Decision<{ readonly plan: CachedImagePlan }> {
    const host = findHarborHost({ ...surroundings, registry: args.registry });
    const opened = openBuildSource(args);
    const cut = "faults" in opened ? opened : cutSlices(opened.source, args);
    const tags =
        "faults" in cut || "faults" in opened
            ? { tags: [] }
            : appTags(cut.builds, args, opened.source.namedContexts);
    const faults = [
        ...argumentFaults(name, args),
        ...("fault" in host ? [host.fault] : []),
        ...("faults" in cut ? cut.faults : []),
        ...("fault" in tags ? [tags.fault] : []),
    ];
    if (faults.length > 0 || "fault" in host || "faults" in opened || "faults" in cut) {
        return { faults };
    }
    const image = args.image ?? name;
    const repository = `${args.project.name}/${image}`;
    const layout = {
        args,
        repository,
        registry: host.host,
        cacheRepository: `${args.cache?.project ?? args.project.name}/${image}/cache`,
        scope: args.cache?.scope ?? surroundings.stack,
        tags: "tags" in tags ? tags.tags : [],
        isIndexed: cut.builds.length > 1,
    };
    const references = layout.tags.map((tag) =>
        formatReference({ registry: host.host, repository, tag }),
    );
    return {
        plan: {
            registry: host.host,
            project: args.project.name,
            image,
            tree: opened.source.tree,
            dockerfile: opened.source.dockerfile,
            dockerfilePath: opened.source.dockerfilePath,
            namedContexts: opened.source.namedContexts,
            builds: cut.builds.map((build) => layOut(build, layout)),
            references,
            indexes: layout.isIndexed ? references : [],
            contentTag: args.tagByContent ? layout.tags[0] : undefined,
            notes: notesOf(cut.builds),
            warnings: warningsOf(cut.builds),
        },
    };
}

/** The images, of all platforms, that are built for the target that docker-build's inputs name. */
export function imagesOfTarget(
    { builds }: Pick<CachedImagePlan, "builds">,
    inputs: Readonly<Record<string, unknown>> | undefined,
): readonly ImagePlan[] {
    // docker-build's check writes an empty text for none.
    const named = inputs?.["target"] || undefined;
    return builds
        .flatMap(({ builderImages, app }) => [...builderImages, app])
        .filter(({ target }) => target === named);
}

interface Layout {
    readonly args: CachedImageArgs;
    readonly registry: string;
    readonly repository: string;
    readonly cacheRepository: string;
    readonly scope: string;
    readonly tags: readonly string[];
    /** Whether an index joins the platforms' images and bears the tags. */
    readonly isIndexed: boolean;
}

function layOut(build: PlatformSlices, layout: Layout): PlatformPlan {
    const { args, registry, repository, isIndexed } = layout;
    const { platform } = build;
    const cache = planCache({
        registry,
        repository: layout.cacheRepository,
        builderStages: build.stages.map(({ stage }) => stage),
        scope: layout.scope,
        // One program serves main's stack too, whose fallback is itself.
        fallbackScopes: (args.cache?.fallbackScopes ?? []).filter((from) => from !== layout.scope),
        extraSources: args.cache?.sources ?? [],
        backend: args.cache?.backend ?? CacheBackend.Inline,
        write: args.cache?.write ?? true,
        platform: isIndexed ? platform : undefined,
    });
    // An index's images bear its first tag with the platform behind it.
    const suffix = isIndexed ? `-${platformSuffix(platform)}` : "";
    const tags = isIndexed ? layout.tags.slice(0, 1) : layout.tags;
    const app = {
        target: args.target,
        platform,
        slice: build.app,
        tags: tags.map((tag) => formatReference({ registry, repository, tag: `${tag}${suffix}` })),
        cache: cache.app,
    };
    const isApart = args.preview === PreviewMode.Build && cache.app.registryRef !== undefined;
    return {
        platform,
        builderImages: cache.builderImages.flatMap((plan) => {
            const slice = build.stages.find(({ stage }) => stage === plan.stage)?.slice;
            const { stage } = plan;
            return slice === undefined
                ? []
                : [{ stage, target: stage, platform, slice, tags: inlineTags(plan), cache: plan }];
        }),
        app: isApart ? { ...app, cache: { cacheFrom: cache.app.cacheFrom } } : app,
        appCache: isApart ? { ...app, tags: [] } : undefined,
        gathering: cache.gathering,
    };
}

function inlineTags({ inlineRef }: ImageCachePlan): readonly string[] {
    return inlineRef === undefined ? [] : [inlineRef];
}

function appTags(
    builds: readonly PlatformSlices[],
    args: CachedImageArgs,
    namedContexts: CachedImagePlan["namedContexts"],
): { readonly tags: readonly string[] } | { readonly fault: Fault } {
    if (!args.tagByContent) {
        return { tags: args.tags ?? ["latest"] };
    }
    const tag = contentTag(builds, args, namedContexts);
    return tag === undefined
        ? {
              fault: {
                  path: "tagByContent",
                  message:
                      "the build arguments are known only when the program runs, and a tag must " +
                      "be known before; give them as plain strings, or leave tagByContent out",
              },
          }
        : { tags: [tag, ...(args.tags ?? [])] };
}

function notesOf(builds: readonly PlatformSlices[]): readonly string[] {
    const slices = builds.flatMap(({ app, stages }) => [app, ...stages.map(({ slice }) => slice)]);
    const wholes = unique(slices.map(({ whole }) => whole ?? []));
    const contexts = unique(
        slices.map(({ whole, reads }) =>
            whole === undefined
                ? reads.whole.map(({ line, reason }) => `line ${line}: ${reason}`)
                : [],
        ),
    );
    return [
        ...(wholes.length === 0
            ? []
            : [`builds from the whole Dockerfile and the whole context: ${wholes.join("; ")}`]),
        ...(contexts.length === 0 ? [] : [`builds from the whole context: ${contexts.join("; ")}`]),
        ...unique(builds.map(({ app }) => app.notes)),
    ];
}

function warningsOf(builds: readonly PlatformSlices[]): readonly string[] {
    return unique(
        builds.flatMap(({ app, stages }) => [
            app.warnings,
            ...stages.map(({ slice }) => slice.warnings),
        ]),
    );
}

function unique(texts: readonly (string | readonly string[])[]): readonly string[] {
    return [...new Set(texts.flat())];
}
