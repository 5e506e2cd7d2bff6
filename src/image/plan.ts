import { findHarborHost, type HarborHostSources } from "../access/harborHost";
import type { Fault } from "../arguments/userError";
import { CacheBackend } from "../cache/backend";
import { type CacheGathering, type ImageCachePlan, planCache } from "../cache/references";
import type { ContextTree } from "../context";
import type { Dockerfile } from "../dockerfile";
import { platformSuffix } from "../oci/platform";
import { formatReference } from "../oci/reference";
import type { Slice } from "../slice";
import { type CachedImageArgs, PreviewMode } from "./args";
import { openBuildSource } from "./buildSource";
import { argumentFaults } from "./faults";
import { contentTag, cutSlices, type PlatformSlices } from "./platformSlices";

/** What the plan needs in addition to the arguments. */
export interface CachedImageSurroundings extends Omit<HarborHostSources, "registry"> {
    /** Name of the Pulumi stack, the default of the cache scope. */
    readonly stack: string;
}

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
}

/** Everything that a {@link CachedImage} declares, as plain values. */
export interface CachedImagePlan {
    readonly registry: string;
    readonly project: string;
    /** Name of the image below the project. */
    readonly image: string;
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

type Decision<T> = T | { readonly faults: readonly Fault[] };

/** Plans the images of a `CachedImage`, or returns every invalid argument. */
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

/** The planned images of all platforms for the target in docker-build's inputs. */
export function imagesOfTarget(
    { builds }: Pick<CachedImagePlan, "builds">,
    inputs: Readonly<Record<string, unknown>> | undefined,
): readonly ImagePlan[] {
    // docker-build's check replaces a missing target by an empty string.
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
    /** Whether an index joins the platforms' images and has the tags. */
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
        // The program may also run in the stack of the main branch, whose fallback is itself.
        fallbackScopes: (args.cache?.fallbackScopes ?? []).filter((from) => from !== layout.scope),
        extraSources: args.cache?.sources ?? [],
        backend: args.cache?.backend ?? CacheBackend.Inline,
        write: args.cache?.write ?? true,
        platform: isIndexed ? platform : undefined,
    });
    // The images of an index have its first tag, followed by the platform.
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
                      "be known before; pass plain strings, or remove tagByContent",
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
