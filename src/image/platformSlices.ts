import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { Fault } from "../arguments/userError";
import { unpinnable } from "../bases/pins";
import { BaseImagePolicy } from "../bases/policy";
import { type BuildOptions, builderStages, describeFailure } from "../dockerfile";
import { normalizePlatform } from "../oci/platform";
import { isFolderContext, type Slice } from "../slice";
import { nearest } from "../text/nearest";
import type { CachedImageArgs } from "./args";
import { type BuildSource, cutSlice } from "./buildSource";
import { passedOn } from "./passedOn";

/** The slices of one platform. */
export interface PlatformSlices {
    /** Undefined for the platform of the BuildKit that builds. */
    readonly platform: string | undefined;
    readonly stages: readonly { readonly stage: string; readonly slice: Slice }[];
    readonly app: Slice;
}

type Decision<T> = T | { readonly faults: readonly Fault[] };

/** Finds the builder stages of each platform, and what each image reads. */
export function cutSlices(
    source: BuildSource,
    args: CachedImageArgs,
): Decision<{ readonly builds: readonly PlatformSlices[] }> {
    const unknown = unknownStages(source, args);
    if (unknown.length > 0) {
        return { faults: unknown };
    }
    const platforms = args.platforms?.map(normalizePlatform) ?? [undefined];
    const cut = platforms.map((platform) => cutFor(source, args, platform));
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
    platform: string | undefined,
): Decision<PlatformSlices> {
    const options = {
        buildArgs: buildArgValues(args),
        ...(platform === undefined ? {} : { platform }),
    };
    const target = args.target === undefined ? {} : { target: args.target };
    const app = cutSlice(source, { ...options, ...target }, args);
    if ("faults" in app) {
        return app;
    }
    const { graph } = app.slice;
    const found = graph === undefined ? [] : builderStages(graph).flatMap(({ name }) => name ?? []);
    const named = args.builderStages?.map((stage) => stage.toLowerCase()) ?? found;
    const stages = [...new Set(named)].map((stage) => ({
        stage,
        ...cutSlice(source, { ...options, target: stage }, args),
    }));
    const slices = [app, ...stages].flatMap((cut) => ("slice" in cut ? [cut.slice] : []));
    const faults = [
        ...stages.flatMap((cut) => ("faults" in cut ? cut.faults : [])),
        ...pinFaults(source, args, slices),
    ];
    return faults.length > 0
        ? { faults }
        : { platform, stages: stages.filter((cut) => "slice" in cut), app: app.slice };
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
    ];
    return given
        .filter(([, stage]) => !names.includes(stage.toLowerCase()))
        .map(([path, stage]) => {
            const near = nearest(stage, names);
            const list = names.map((name) => `"${name}"`).join(", ");
            const known = names.length === 0 ? "no stage there has a name" : `stages are ${list}`;
            const hint = near === undefined ? "" : `; did you mean "${near}"?`;
            const message = `no stage named "${stage}" in ${dockerfilePath}; ${known}${hint}`;
            return { path, message };
        });
}

/**
 * The tag derived from the content of an image, for all its platforms.
 *
 * @param namedContexts locations of the named contexts; the slices know the content of folders
 * @returns undefined when a build argument is known only when the program runs.
 */
export function contentTag(
    builds: readonly PlatformSlices[],
    args: CachedImageArgs,
    namedContexts: BuildSource["namedContexts"],
): string | undefined {
    const values = buildArgValues(args);
    if (values === "unknown") {
        return undefined;
    }
    const elsewhere = Object.entries(namedContexts).filter(
        ([, location]) => !isFolderContext(location),
    );
    const parts = builds.map(({ platform, app }) => {
        const passes = passedOn(app);
        const contexts = elsewhere.filter(([name]) => passes.context(name)).sort(byName);
        return {
            platform,
            target: app.graph?.target.name ?? args.target,
            slice: app.digest,
            buildArgs: Object.entries(values)
                .filter(([name]) => passes.buildArg(name))
                .sort(byName),
            ...(contexts.length === 0 ? {} : { contexts }),
        };
    });
    const isKnown = parts.every(({ buildArgs }) =>
        buildArgs.every(([, value]) => typeof value === "string"),
    );
    if (!isKnown) {
        return undefined;
    }
    const hash = createHash("sha256").update(JSON.stringify(parts)).digest("hex");
    return `src-${hash.slice(0, 12)}`;
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
    a < b ? -1 : 1;

/** The build arguments; a value that is not a plain string is known only when the program runs. */
function buildArgValues({
    buildArgs = {},
}: CachedImageArgs): NonNullable<BuildOptions["buildArgs"]> {
    if (pulumi.Output.isInstance(buildArgs) || "then" in buildArgs) {
        return "unknown";
    }
    return Object.fromEntries(
        Object.entries(buildArgs).map(([name, value]) => [
            name,
            typeof value === "string"
                ? value
                : { unknown: `the build argument ${name} is known only when the program runs` },
        ]),
    );
}
