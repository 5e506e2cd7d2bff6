import type { Fault } from "../arguments/userError";
import { unpinnable } from "../bases/pins";
import { BaseImagePolicy } from "../bases/policy";
import { builderStages, describeFailure } from "../dockerfile";
import { unknownStage } from "../dockerfile/mistyped";
import { normalizePlatform } from "../oci/platform";
import type { Slice, SliceRequest } from "../slice";
import type { CachedImageArgs } from "./args";
import { type BuildSource, cutSlice } from "./buildSource";

/** The slices of one platform. */
export interface PlatformSlices {
    /** Undefined for the platform of the builder. */
    readonly platform: string | undefined;
    readonly stages: readonly { readonly stage: string; readonly slice: Slice }[];
    readonly app: Slice;
    /** Why stages have no separate images. */
    readonly notes: readonly string[];
}

type Decision<T> = T | { readonly faults: readonly Fault[] };

/**
 * Finds the builder stages of each platform, and what each image reads.
 *
 * @param request what the arguments decide about every slice
 */
export function cutSlices(
    source: BuildSource,
    args: CachedImageArgs,
    request: Partial<SliceRequest>,
): Decision<{ readonly builds: readonly PlatformSlices[] }> {
    const unknown = unknownStages(source, args);
    if (unknown.length > 0) {
        return { faults: unknown };
    }
    const platforms = args.platforms?.map(normalizePlatform) ?? [undefined];
    const cut = platforms.map((platform) => cutFor(source, args, request, platform));
    const faults = cut.flatMap((build) => ("faults" in build ? build.faults : []));
    // Platforms share the Dockerfile and most of its faults; report each fault once.
    const told = new Map(faults.map((fault) => [`${fault.path} ${fault.message}`, fault]));
    return told.size > 0
        ? { faults: [...told.values()] }
        : { builds: cut.filter((build) => "app" in build) };
}

function cutFor(
    source: BuildSource,
    args: CachedImageArgs,
    request: Partial<SliceRequest>,
    platform: string | undefined,
): Decision<PlatformSlices> {
    const options = { ...request.options, ...(platform === undefined ? {} : { platform }) };
    const target = args.target === undefined ? {} : { target: args.target };
    const app = cutSlice(source, { ...options, ...target }, request);
    if ("faults" in app) {
        return app;
    }
    const { graph } = app.slice;
    const found = graph === undefined ? [] : builderStages(graph).flatMap(({ name }) => name ?? []);
    const named = args.builderStages?.map((stage) => stage.toLowerCase()) ?? found;
    const cuts = [...new Set(named)].map((stage) => ({
        stage,
        ...cutSlice(source, { ...options, target: stage }, request),
    }));
    const stages = cuts.filter((cut) => "slice" in cut);
    const failed = cuts.filter((cut) => "faults" in cut);
    const faults = [
        ...(args.builderStages === undefined ? [] : failed.flatMap(({ faults }) => faults)),
        ...pinFaults(source, args, [app.slice, ...stages.map(({ slice }) => slice)]),
    ];
    return faults.length > 0
        ? { faults }
        : { platform, stages, app: app.slice, notes: failed.map(describeLeftOut) };
}

/**
 * Reports a stage that BuildKit builds for the app image and not as a target: a target alone
 * receives less of the context.
 */
function describeLeftOut({
    stage,
    faults,
}: {
    readonly stage: string;
    readonly faults: readonly Fault[];
}): string {
    const reasons = faults.map(({ message }) => message).join("; ");
    return `the stage "${stage}" has no separate image, because BuildKit cannot build it alone: ${reasons}`;
}

/** Why base images cannot be pinned. */
function pinFaults(
    { dockerfile, dockerfilePath }: BuildSource,
    { baseImages }: CachedImageArgs,
    slices: readonly Slice[],
): Fault[] {
    if (baseImages !== BaseImagePolicy.Pin) {
        return [];
    }
    const failures = slices.flatMap(({ reads }) => unpinnable(dockerfile, reads));
    return failures.map((failure) => ({
        path: "baseImages",
        message:
            `${dockerfilePath}: ${describeFailure(failure)}, so its base images cannot be pinned. ` +
            "Fix this, or use BaseImagePolicy.Float",
    }));
}

/** The stages in the arguments that the Dockerfile does not have. */
function unknownStages(
    { dockerfile, dockerfilePath }: BuildSource,
    args: CachedImageArgs,
): Fault[] {
    if (dockerfile.opaque !== undefined) {
        return [];
    }
    const names = dockerfile.stages.flatMap((stage) => stage.from.name ?? []);
    const given = [
        ...(args.target === undefined ? [] : [["target", args.target] as const]),
        ...(args.builderStages ?? []).map((stage, i) => [`builderStages[${i}]`, stage] as const),
        ...Object.keys(args.cacheMounts ?? {}).map(
            (stage) => [`cacheMounts.${stage}`, stage] as const,
        ),
    ];
    return given
        .filter(([, stage]) => !names.includes(stage.toLowerCase()))
        .map(([path, stage]) => ({ path, message: unknownStage(stage, names, dockerfilePath) }));
}
