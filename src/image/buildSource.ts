import { join, relative, sep } from "node:path";
import type { Fault } from "../arguments/userError";
import {
    ContextError,
    type ContextFailure,
    type ContextTree,
    ContextTrees,
    isRemoteContext,
    type OpenedContext,
    type OpenOptions,
    openContext,
    openFolder,
    remoteTree,
} from "../context";
import {
    type BuildOptions,
    DockerfileError,
    describeFailure,
    parseDockerfile,
} from "../dockerfile";
import { PerRun } from "../engine/currentRun";
import {
    isFolderContext,
    layoutComments,
    namedContextComments,
    type Slice,
    SlicePolicy,
    type SliceRequest,
    sliceContext,
    wholeChosen,
} from "../slice";
import type { CachedImageArgs } from "./args";
import { makeOwnFolder } from "./ownFolder";
import { generatedFolder } from "./sliceFolder";

/** A Dockerfile and its contexts, as read from disk. */
export interface BuildSource extends OpenedContext {
    /** Location of a context that only BuildKit fetches; undefined for a folder. */
    readonly remote?: string;
    /** Locations of the named contexts; folders are relative to the program's folder. */
    readonly namedContexts: Readonly<Record<string, string>>;
    /** The named contexts that are folders, by name. */
    readonly contextFolders: Readonly<Record<string, ContextTree>>;
    /** Comments that make a changed named context change the Dockerfile, by name of the context. */
    readonly comments: Readonly<Record<string, string>>;
}

/** Reads the Dockerfile and contexts of a build, or returns every fault. */
export function openBuildSource(
    args: Pick<
        CachedImageArgs,
        "context" | "dockerfile" | "dockerfileInline" | "namedContexts" | "slicing"
    >,
): { readonly source: BuildSource } | { readonly faults: readonly Fault[] } {
    const dockerfilePath = args.dockerfile ?? join(args.context, "Dockerfile");
    const text = args.dockerfileInline;
    const inline = text === undefined ? undefined : { name: inlineName, text };
    const options = { generated: generatedFolder, trees: trees.current };
    const modes = args.slicing === SlicePolicy.Whole ? "exact" : "usual";
    const named = openNamedContexts(args.namedContexts ?? {}, options, modes);
    if (isRemoteContext(args.context)) {
        return "faults" in named ? named : openRemote(args.context, text, named);
    }
    try {
        const fallback = args.slicing === SlicePolicy.Whole ? wholeChosen : undefined;
        const opened = openContext(args.context, dockerfilePath, { ...options, fallback, inline });
        return "faults" in named ? named : { source: { ...opened, ...named } };
    } catch (error) {
        if (!(error instanceof ContextError)) {
            throw error;
        }
        const contextFailed = error.failures.some(({ subject }) => subject === "context");
        // If the context is missing, so is the default Dockerfile; one message is enough.
        const told = error.failures.filter(
            ({ subject }) =>
                !(contextFailed && subject === "dockerfile" && args.dockerfile === undefined),
        );
        return { faults: [...told.map(toFault), ...("faults" in named ? named.faults : [])] };
    }
}

/**
 * Cuts the slice of one target, or returns every fault.
 *
 * @param given what the arguments decide about every slice
 */
export function cutSlice(
    source: BuildSource,
    options: BuildOptions,
    given: Partial<SliceRequest>,
): { readonly slice: Slice } | { readonly faults: readonly Fault[] } {
    const { dockerfile, tree, remote, dockerfilePath, comments, contextFolders, namedContexts } =
        source;
    try {
        const request = {
            ...given,
            dockerfile,
            tree,
            remote,
            options: {
                ...options,
                namedContexts: Object.keys(namedContexts),
                baseImages: plainBases(source),
            },
            comments,
            contextFolders,
            contextLocations: namedContexts,
        };
        return { slice: sliceContext(request) };
    } catch (error) {
        if (error instanceof ContextError) {
            return { faults: error.failures.map(toFault) };
        }
        return { faults: dockerfileFaults(dockerfilePath, error) };
    }
}

/** A path relative to the program's folder, with slashes: the same on every machine. */
export function programPath(path: string): string {
    return relative("", path).replaceAll(sep, "/") || ".";
}

/** The locations of named contexts; folders are relative to the program's folder. */
export function programLocations(
    given: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
    return Object.fromEntries(
        Object.entries(given).map(([name, location]) => [
            name,
            isFolderContext(location) ? programPath(location) : location,
        ]),
    );
}

/** The contexts that the run has read so far. */
const trees = new PerRun(() => new ContextTrees());

/** A context that only BuildKit fetches, with the Dockerfile in it or with the given text. */
function openRemote(
    context: string,
    text: string | undefined,
    named: Omit<BuildSource, keyof OpenedContext>,
): ReturnType<typeof openBuildSource> {
    try {
        const isGiven = text !== undefined;
        const reason = isGiven ? undefined : `BuildKit fetches the context ${context}`;
        return {
            source: {
                ...named,
                dockerfile: parseDockerfile(text ?? "", reason),
                dockerfilePath: isGiven ? inlineName : "Dockerfile",
                tree: remoteTree(context),
                remote: context,
            },
        };
    } catch (error) {
        return { faults: dockerfileFaults(inlineName, error) };
    }
}

function openNamedContexts(
    given: Readonly<Record<string, string>>,
    options: OpenOptions,
    modes: Slice["modes"],
): Omit<BuildSource, keyof OpenedContext> | { readonly faults: readonly Fault[] } {
    const folders = Object.entries(given).filter(([, location]) => isFolderContext(location));
    const faults: Fault[] = [];
    const opened = folders.flatMap(([name, location]) => {
        try {
            const tree = openFolder(location, options);
            // The folder must exist before the slices show whether a build reads it.
            const fault = tree.generated === undefined ? undefined : makeOwnFolder(generatedFolder);
            faults.push(...(fault === undefined ? [] : [fault]));
            return [[name, tree] as const];
        } catch (error) {
            if (!(error instanceof ContextError)) {
                throw error;
            }
            const path = `namedContexts.${name}`;
            faults.push(...error.failures.map((failure) => ({ ...toFault(failure), path })));
            return [];
        }
    });
    if (faults.length > 0) {
        return { faults };
    }
    const contextFolders = Object.fromEntries(opened);
    return {
        namedContexts: programLocations(given),
        contextFolders,
        comments: { ...namedContextComments(contextFolders, modes), ...layoutComments(given) },
    };
}

/**
 * The named contexts that are no images. As a base, such a context has no variables and no triggers
 * (buildkit 0.31, frontend/dockerui/namedcontext.go).
 */
function plainBases({
    namedContexts,
    contextFolders,
}: BuildSource): NonNullable<BuildOptions["baseImages"]> {
    const isPlain = ([name, location]: [string, string]) =>
        Object.hasOwn(contextFolders, name) || isRemoteContext(location);
    const plain = Object.entries(namedContexts).filter(isPlain);
    return Object.fromEntries(plain.map(([name]) => [name, { env: {}, triggers: [] }]));
}

function toFault({ subject, path, line, reason }: ContextFailure): Fault {
    const text = line === undefined ? reason : `line ${line}: ${reason}`;
    return subject === "dockerfile"
        ? dockerfileFault(path, text)
        : { path: "context", message: `${path || '""'}: ${text}` };
}

/** The name of a Dockerfile that is given as text, in messages. */
const inlineName = "dockerfileInline";

/** The faults of a Dockerfile; throws every other error. */
function dockerfileFaults(path: string, error: unknown): Fault[] {
    if (!(error instanceof DockerfileError)) {
        throw error;
    }
    return error.failures.map((failure) => dockerfileFault(path, describeFailure(failure)));
}

function dockerfileFault(path: string, text: string): Fault {
    return path === inlineName
        ? { path, message: text }
        : { path: "dockerfile", message: `${path || '""'}: ${text}` };
}
