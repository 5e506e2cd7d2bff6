import { type ImagePlace, placeImage } from "../access/imagePlace";
import type { RegistrySources } from "../access/registryHost";
import type { Fault } from "../arguments/userError";
import { CacheBackend } from "../cache/backend";
import {
    type CacheGathering,
    type CacheMountsPlan,
    type CachePlan,
    type ImageCachePlan,
    planCache,
} from "../cache/references";
import { platformSuffix } from "../oci/platform";
import { formatReference } from "../oci/reference";
import { type Slice, sensitiveWarning } from "../slice";
import { type CachedImageArgs, PreviewMode } from "./args";
import { openBuildSource } from "./buildSource";
import { exportWarnings } from "./exportFaults";
import type { CachedImagePlan, PlatformPlan } from "./imagePlan";
import { cutSlices, type PlatformSlices } from "./platformSlices";
import { generatedFolder } from "./sliceFolder";
import { argumentFaults, contentTag, sliceRequest } from "./specification";
import { trackedWarning } from "./trackedFolder";

/** What the plan needs in addition to the arguments. */
export interface CachedImageSurroundings extends RegistrySources {
    /** Name of the Pulumi stack, the default of the cache scope. */
    readonly stack: string;
}

type Decision<T> = T | { readonly faults: readonly Fault[] };

/** Plans the images of a `CachedImage`, or returns every invalid argument. */
export function planCachedImage(
    name: string,
    args: CachedImageArgs,
    surroundings: CachedImageSurroundings,
): Decision<{ readonly plan: CachedImagePlan }> {
    const image = args.image ?? name;
    const placed = placeImage(image, args, surroundings);
    const opened = openBuildSource(args);
    const request = {
        ...sliceRequest(args),
        mountNamespace: "place" in placed ? mountNamespace(placed.place.registry, args) : undefined,
    };
    const cut = "faults" in opened ? opened : cutSlices(opened.source, args, request);
    const tags =
        "faults" in cut || "faults" in opened
            ? { tags: [] }
            : appTags(cut.builds, args, opened.source.namedContexts);
    const faults = [
        ...("faults" in placed ? placed.faults : []),
        ...argumentFaults(name, args),
        ...("faults" in cut ? cut.faults : []),
        ...("fault" in tags ? [tags.fault] : []),
    ];
    if (faults.length > 0 || "faults" in placed || "faults" in opened || "faults" in cut) {
        return { faults };
    }
    const { registry, repository, cacheRepository } = placed.place;
    const layout = {
        args,
        ...placed.place,
        scope: args.cache?.scope ?? surroundings.stack,
        tags: "tags" in tags ? tags.tags : [],
        isIndexed: cut.builds.length > 1,
    };
    const references = layout.tags.map((tag) => formatReference({ registry, repository, tag }));
    return {
        plan: {
            registry,
            project: args.project.name,
            image,
            cache: { repository: cacheRepository, scope: layout.scope },
            tree: opened.source.tree,
            dockerfile: opened.source.dockerfile,
            dockerfilePath: opened.source.dockerfilePath,
            namedContexts: opened.source.namedContexts,
            builds: cut.builds.map((build) => layOut(build, layout)),
            references,
            indexes: layout.isIndexed ? references : [],
            contentTag: args.tagByContent ? layout.tags[0] : undefined,
            notes: notesOf(cut.builds),
            warnings: [
                ...warningsOf(cut.builds, args),
                ...[trackedWarning(generatedFolder)].filter((one) => one !== undefined),
            ],
        },
    };
}

function cacheProjectOf({ cache, project }: CachedImageArgs): string {
    return cache?.project ?? project.name;
}

/**
 * What the ids of carried cache mounts begin with, without characters that a mount cannot have. The
 * steps with mounts must be those of the fallback project, or its cache would not match them.
 */
function mountNamespace(registry: string, args: CachedImageArgs): string {
    const project = args.cache?.fallbackProject ?? cacheProjectOf(args);
    return `${registry}/${project}`.replaceAll(/[^\w./:-]/g, "_");
}

interface Layout extends ImagePlace {
    readonly args: CachedImageArgs;
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
        tagPrefix: layout.cacheTagPrefix,
        builderStages: build.stages.map(({ stage }) => stage),
        scope: layout.scope,
        fallbackScopes: args.cache?.fallbackScopes ?? [],
        fallbackRepository: layout.fallbackRepository,
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
    const mounts = build.app.carriedMounts.length > 0 ? cache.mounts : undefined;
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
        gathering: gatheringOf(cache, mounts),
        mounts,
    };
}

/**
 * What to add to the stack's cache before a build, including the saves that an interrupted run did
 * not attach.
 */
function gatheringOf(
    { gathering }: CachePlan,
    mounts: CacheMountsPlan | undefined,
): CacheGathering | undefined {
    return mounts === undefined
        ? gathering
        : { into: mounts.cache, from: gathering?.from ?? [], kept: mounts.kept };
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
    const content = contentTag(builds, args, namedContexts);
    if ("tag" in content) {
        return { tags: [content.tag, ...(args.tags ?? [])] };
    }
    const names = content.unknown.join(", ");
    const message =
        `the tag depends on values that are known only when the program runs (${names}), and must ` +
        "be known before. Pass plain strings, or remove tagByContent";
    return { fault: { path: "tagByContent", message } };
}

function notesOf(builds: readonly PlatformSlices[]): readonly string[] {
    const slices = slicesOf(builds);
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
        ...unique(builds.flatMap(({ app, notes }) => [app.notes, notes])),
    ];
}

function warningsOf(
    builds: readonly PlatformSlices[],
    { exports }: CachedImageArgs,
): readonly string[] {
    const slices = slicesOf(builds);
    const sensitive = sensitiveWarning(unique(slices.map((slice) => slice.sensitive)));
    return unique([
        ...slices.map(({ warnings }) => warnings),
        exportWarnings(exports, slices),
        sensitive ?? [],
    ]);
}

function slicesOf(builds: readonly PlatformSlices[]): readonly Slice[] {
    return builds.flatMap(({ app, stages }) => [app, ...stages.map(({ slice }) => slice)]);
}

function unique(texts: readonly (string | readonly string[])[]): readonly string[] {
    return [...new Set(texts.flat())];
}
