import { posix } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { planCache } from "./cache/plan";
import type { CachedImageArgs } from "./cachedImageArgs";
import type { Value } from "./dockerfile/expand";
import { nearest } from "./dockerfile/failure";
import type { StageGraph } from "./dockerfile/graph";
import { builderStages } from "./dockerfile/reach";
import type { Stage } from "./dockerfile/stage";
import { contextFault, readDockerfile } from "./dockerfileSource";
import { projectNameFault } from "./harbor/projectName";
import { findHarborHost, type HarborHostSources } from "./harborHost";
import { formatReference, registryFault, repositoryFault, tagFault } from "./oci/reference";
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
    /** References that are pushed, the one that stands for the image first. */
    readonly tags: readonly string[];
    /** References whose cache is read. */
    readonly cacheFrom: readonly string[];
}

/** Everything that a {@link CachedImage} declares, as plain values. */
export interface CachedImagePlan {
    readonly registry: string;
    readonly project: string;
    /** Build context, relative to the program's folder, as given. */
    readonly context: string;
    /** Dockerfile, relative to the program's folder. */
    readonly dockerfile: string;
    readonly builderImages: readonly (ImagePlan & { readonly stage: string })[];
    readonly app: ImagePlan;
}

/** Decides what a cached image consists of, or tells every argument that keeps it from that. */
export function planCachedImage(
    name: string,
    args: CachedImageArgs,
    surroundings: CachedImageSurroundings,
): { readonly plan: CachedImagePlan } | { readonly faults: readonly Fault[] } {
    const host = findHarborHost({ ...surroundings, registry: args.registry });
    const dockerfile = args.dockerfile ?? posix.join(args.context, "Dockerfile");
    const context = contextFault(args.context);
    // Without its context a default Dockerfile is missing too; one message is enough.
    const reading =
        context !== undefined && args.dockerfile === undefined
            ? { faults: [] }
            : readDockerfile(dockerfile, { buildArgs: buildArgValues(args) });
    const stages =
        "graph" in reading ? findBuilderStages(reading.graph, args, dockerfile) : reading;
    const faults = [
        ...nameFaults(name, args),
        ...("fault" in host ? [host.fault] : hostFaults(host.host)),
        ...(context === undefined ? [] : [context]),
        ...("faults" in stages ? stages.faults : []),
    ];
    if (faults.length > 0 || "fault" in host || "faults" in stages) {
        return { faults };
    }
    return {
        plan: layOut(name, args, { ...surroundings, host: host.host, dockerfile, ...stages }),
    };
}

function layOut(
    name: string,
    args: CachedImageArgs,
    known: {
        readonly stack: string;
        readonly host: string;
        readonly dockerfile: string;
        readonly stages: readonly string[];
    },
): CachedImagePlan {
    const repository = `${args.project.name}/${args.image ?? name}`;
    const cache = planCache({
        registry: known.host,
        repository,
        builderStages: known.stages,
        scope: args.cache?.scope ?? known.stack,
        fallbackScopes: args.cache?.fallbackScopes ?? [],
        extraSources: args.cache?.sources ?? [],
    });
    const tags = args.tags ?? ["latest"];
    return {
        registry: known.host,
        project: args.project.name,
        context: args.context,
        dockerfile: known.dockerfile,
        builderImages: cache.builderImages.map(({ stage, cacheFrom, cacheRef }) => ({
            stage,
            target: stage,
            tags: [cacheRef],
            cacheFrom,
        })),
        app: {
            target: args.target,
            tags: [
                ...tags.map((tag) => formatReference({ registry: known.host, repository, tag })),
                cache.app.cacheRef,
            ],
            cacheFrom: cache.app.cacheFrom,
        },
    };
}

/** The stages that get an image of their own: those named, or those the Dockerfile suggests. */
function findBuilderStages(
    graph: StageGraph,
    args: CachedImageArgs,
    dockerfile: string,
): { readonly stages: readonly string[] } | { readonly faults: readonly Fault[] } {
    const find = (path: string, name: string) => findStage(graph, dockerfile, path, name);
    const target = args.target === undefined ? graph.target : find("target", args.target);
    const named = args.builderStages?.map((stage, index) => find(`builderStages[${index}]`, stage));
    const faults = [target, ...(named ?? [])].filter((found) => "message" in found);
    if (faults.length > 0 || "message" in target) {
        return { faults };
    }
    const chosen = named?.filter((found) => "index" in found) ?? builderStages(graph, target);
    return { stages: [...new Set(chosen.flatMap((stage) => stage.name ?? []))] };
}

function findStage(
    graph: StageGraph,
    dockerfile: string,
    path: string,
    name: string,
): Stage | Fault {
    const found = graph.stages.findLast((stage) => stage.name === name.toLowerCase());
    if (found !== undefined) {
        return found;
    }
    const names = graph.stages.flatMap((stage) => stage.name ?? []);
    const near = nearest(name, names);
    const list = names.map((known) => `"${known}"`).join(", ");
    const known = names.length === 0 ? "no stage there has a name" : `stages are ${list}`;
    const hint = near === undefined ? "" : `; did you mean "${near}"?`;
    return { path, message: `no stage named "${name}" in ${dockerfile}; ${known}${hint}` };
}

function nameFaults(name: string, args: CachedImageArgs): Fault[] {
    const { project, tags = ["latest"], retainImages = true } = args;
    const faults: Fault[] = [];
    const add = (path: string, value: string, reason: string | undefined) => {
        if (reason !== undefined) {
            faults.push({ path, message: `"${value}" cannot be used: ${reason}` });
        }
    };
    const projectName = projectNameFault(project.name);
    add("project.name", project.name, projectName);
    const image = args.image ?? name;
    add(
        "image",
        image,
        repositoryFault(projectName === undefined ? `${project.name}/${image}/cache` : image),
    );
    if (tags.length === 0) {
        faults.push({ path: "tags", message: "empty; expected at least one tag" });
    }
    for (const [index, tag] of tags.entries()) {
        add(`tags[${index}]`, tag, tagFault(tag));
    }
    const scopes = [args.cache?.scope, ...(args.cache?.fallbackScopes ?? [])];
    if (scopes.includes("")) {
        faults.push({ path: "cache", message: 'a scope is empty; expected a name such as "main"' });
    }
    if (project.existing && !retainImages) {
        const message =
            "false takes a project that is declared here: an existing one may hold other stacks' images. Leave it out, or take project.existing away";
        faults.push({ path: "retainImages", message });
    }
    if (project.existing && project.import !== undefined) {
        const message =
            "project.existing leaves the project to others, project.import takes it over; give one of the two";
        faults.push({ path: "project.import", message });
    }
    return faults;
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
