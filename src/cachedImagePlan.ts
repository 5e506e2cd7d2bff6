import * as pulumi from "@pulumi/pulumi";
import { type BuildSource, cutSlice, openBuildSource } from "./buildSource";
import { planCache } from "./cache/plan";
import type { CachedImageArgs } from "./cachedImageArgs";
import { argumentFaults } from "./cachedImageFaults";
import type { ContextTree, Slice } from "./context";
import { builderStages, nearest, resolveStages, type Value } from "./dockerfile";
import { findHarborHost, type HarborHostSources } from "./harborHost";
import { formatReference, registryFault } from "./oci/reference";
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
    /** What of Dockerfile and context its target reads. */
    readonly slice: Slice;
    /** References that are pushed, the one that stands for the image first. */
    readonly tags: readonly string[];
    /** References whose cache is read. */
    readonly cacheFrom: readonly string[];
}

/** Everything that a {@link CachedImage} declares, as plain values. */
export interface CachedImagePlan {
    readonly registry: string;
    readonly project: string;
    /** The build context that the slices are cut from. */
    readonly tree: ContextTree;
    readonly builderImages: readonly (ImagePlan & { readonly stage: string })[];
    readonly app: ImagePlan;
    /** What could not be known exactly of the Dockerfile, in words. */
    readonly notes: readonly string[];
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
    const sliced = "faults" in opened ? opened : cutSlices(opened.source, args);
    const faults = [
        ...argumentFaults(name, args),
        ...("fault" in host ? [host.fault] : hostFaults(host.host)),
        ...("faults" in sliced ? sliced.faults : []),
    ];
    if (faults.length > 0 || "fault" in host || "faults" in sliced || "faults" in opened) {
        return { faults };
    }
    const { tree } = opened.source;
    return { plan: layOut(name, args, { ...surroundings, host: host.host, tree, ...sliced }) };
}

interface Slices {
    readonly stages: readonly { readonly stage: string; readonly slice: Slice }[];
    readonly app: Slice;
}

/** Finds the stages that get an image of their own, and what each image reads. */
function cutSlices(source: BuildSource, args: CachedImageArgs): Decision<Slices> {
    const buildArgs = buildArgValues(args);
    const unknown = unknownStages(source, args);
    if (unknown.length > 0) {
        return { faults: unknown };
    }
    const app = cutSlice(source, { buildArgs, target: args.target });
    if ("faults" in app) {
        return app;
    }
    const graph = resolveStages(source.dockerfile, { buildArgs, target: args.target });
    const named =
        args.builderStages?.map((stage) => stage.toLowerCase()) ??
        builderStages(graph).flatMap(({ name }) => name ?? []);
    const stages = [...new Set(named)].map((stage) => ({
        stage,
        ...cutSlice(source, { buildArgs, target: stage }),
    }));
    const faults = stages.flatMap((cut) => ("faults" in cut ? cut.faults : []));
    return faults.length > 0
        ? { faults }
        : { stages: stages.filter((cut) => "slice" in cut), app: app.slice };
}

/** The stages that arguments name and the Dockerfile does not have. */
function unknownStages(
    { dockerfile, dockerfilePath }: BuildSource,
    args: CachedImageArgs,
): Fault[] {
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
            return {
                path,
                message: `no stage named "${stage}" in ${dockerfilePath}; ${known}${hint}`,
            };
        });
}

function layOut(
    name: string,
    args: CachedImageArgs,
    known: Slices & {
        readonly stack: string;
        readonly host: string;
        readonly tree: ContextTree;
    },
): CachedImagePlan {
    const repository = `${args.project.name}/${args.image ?? name}`;
    const cache = planCache({
        registry: known.host,
        repository,
        builderStages: known.stages.map(({ stage }) => stage),
        scope: args.cache?.scope ?? known.stack,
        fallbackScopes: args.cache?.fallbackScopes ?? [],
        extraSources: args.cache?.sources ?? [],
    });
    const tags = args.tags ?? ["latest"];
    return {
        registry: known.host,
        project: args.project.name,
        tree: known.tree,
        builderImages: known.stages.flatMap(({ stage, slice }, index) => {
            const plan = cache.builderImages[index];
            return plan === undefined
                ? []
                : [
                      {
                          stage,
                          target: stage,
                          slice,
                          tags: [plan.cacheRef],
                          cacheFrom: plan.cacheFrom,
                      },
                  ];
        }),
        app: {
            target: args.target,
            slice: known.app,
            tags: [
                ...tags.map((tag) => formatReference({ registry: known.host, repository, tag })),
                cache.app.cacheRef,
            ],
            cacheFrom: cache.app.cacheFrom,
        },
        notes: notesOf(known.app),
    };
}

function notesOf({ reads }: Slice): string[] {
    return reads.whole.map(
        ({ line, reason }) => `line ${line} may read all of the build context: ${reason}`,
    );
}

function hostFaults(host: string): Fault[] {
    const reason = registryFault(host);
    return reason === undefined
        ? []
        : [{ path: "registry", message: `"${host}" cannot be used: ${reason}` }];
}

/** The build arguments; a value that is no plain string is known only when the program runs. */
function buildArgValues({ buildArgs }: CachedImageArgs): Record<string, Value> {
    if (buildArgs === undefined || pulumi.Output.isInstance(buildArgs) || "then" in buildArgs) {
        return {};
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
