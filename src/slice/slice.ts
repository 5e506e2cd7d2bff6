import { type BasePin, contextPins, pinsOf } from "../bases/pins";
import { BaseImagePolicy } from "../bases/policy";
import { patternFault } from "../context/matcher";
import { describeMalformed, describeMissing } from "../context/missingSource";
import { type Selection, select, selectAll } from "../context/select";
import type { ContextTree } from "../context/tree";
import { DockerfileError, type DockerfileFailure } from "../dockerfile/failure";
import { resolveStages } from "../dockerfile/graph";
import { mistypedStages } from "../dockerfile/mistyped";
import type { BuildOptions } from "../dockerfile/options";
import type { Dockerfile } from "../dockerfile/parse";
import { findReachableStages } from "../dockerfile/reachableStages";
import { familiarName } from "../dockerfile/reference";
import type { StageGraph } from "../dockerfile/stage";
import { findTargetReads, namedContextsOf, type TargetReads } from "../dockerfile/targetReads";
import type { CarriedMount } from "../mounts/stages";
import { allowList, escapePath } from "./allowList";
import { type AddedMounts, type MountChanges, planMounts } from "./carriedMounts";
import { missedByHash, sliceDigest } from "./digest";
import { type DockerfileSlice, sliceDockerfile, wholeDockerfile } from "./dockerfile";
import { circleWarning, leadsToUnselected } from "./looseLinks";
import { type Modes, umaskNote } from "./modes";
import { contextsToCopy } from "./namedContext";
import type { RunFlags } from "./runFlags";
import { sensitivePaths } from "./sensitive";
import { type SizeLimits, sizeOf, tooBig } from "./size";
import { SlicePolicy } from "./slicePolicy";
import { type StandIns, withoutStandIn } from "./standIn";
import { cargoWarnings, carryHint, toolHint } from "./toolHint";
import { unmodelled } from "./unmodelled";

/** Input of a slice: the Dockerfile, the context and the options. */
export interface SliceRequest {
    readonly dockerfile: Dockerfile;
    readonly tree: ContextTree;
    /** Target, build arguments and so on. @default none */
    readonly options?: BuildOptions;
    /**
     * Comments by named context. The comments of contexts that the slice reads go to the end of its
     * Dockerfile, so that a changed context changes the build.
     */
    readonly comments?: Readonly<Record<string, string>>;
    /** The named contexts that are folders, by name. @default none */
    readonly contextFolders?: Readonly<Record<string, ContextTree>>;
    /** Locations of the named contexts. @default none */
    readonly contextLocations?: Readonly<Record<string, string>>;
    /** How to treat base images. @default `BaseImagePolicy.Float` */
    readonly baseImages?: BaseImagePolicy | undefined;
    /** How much of the Dockerfile and the context to use. @default `SlicePolicy.Auto` */
    readonly slicing?: SlicePolicy | undefined;
    /** Location of a context that only BuildKit fetches; the slice is then the whole. @default none */
    readonly remote?: string | undefined;
    /** Limits above which the slice has a warning. */
    readonly limits?: SizeLimits;
    /** Cache mounts to add, by stage. @default none */
    readonly cacheMounts?: AddedMounts | undefined;
    /** Whether to keep the content of cache mounts in the registry. @default false */
    readonly carriesMounts?: boolean | undefined;
    /** What the ids of carried mounts begin with: the registry and the project. */
    readonly mountNamespace?: string | undefined;
}

/** The part of a Dockerfile and of its context that one image is built from. */
export interface Slice {
    /** The input of the slice. */
    readonly request: SliceRequest;
    /** The stages; undefined for a whole Dockerfile that the component does not understand. */
    readonly graph: StageGraph | undefined;
    /**
     * Why the image is built from the whole Dockerfile and context, and gets all arguments; undefined
     * if it is built from a slice.
     */
    readonly whole: string | undefined;
    readonly dockerfile: DockerfileSlice;
    /**
     * Text of `<Dockerfile>.dockerignore`: includes exactly what the slice reads. If that is
     * unknown, the user's ignore file.
     */
    readonly ignore: string;
    readonly selection: Selection;
    /** Whether docker-build would hash files that are not selected, unless it gets a copy. */
    readonly mustCopy: boolean;
    /** The named contexts of which docker-build must get a copy. */
    readonly copiedContexts: readonly string[];
    /** The modes of the files in the image. */
    readonly modes: Modes;
    readonly reads: TargetReads;
    /** The base images to pin; empty with `BaseImagePolicy.Float`. */
    readonly pins: readonly BasePin[];
    /** The cache mounts whose content is kept in the registry. */
    readonly carriedMounts: readonly CarriedMount[];
    /** The flags of its RUN instructions that differ from the user's. */
    readonly changedFlags: readonly RunFlags[];
    /** Remarks with line numbers that are not faults. */
    readonly notes: readonly string[];
    /** Likely mistakes that do not stop a build. */
    readonly warnings: readonly string[];
    /** Entries that often hold secrets. */
    readonly sensitive: readonly string[];
    /** `sha256:…` of Dockerfile and files, with the modes of the image. */
    readonly digest: string;
}

/**
 * Keeps what BuildKit needs to build one target. If that is unknown, the slice contains the whole
 * context.
 *
 * @throws DockerfileError with every fault of the stages and instructions, and every excluded or
 * missing source.
 * @throws ContextError for a directory that cannot be read.
 */
export function sliceContext(request: SliceRequest): Slice {
    const { dockerfile, tree, options = {}, comments = {}, limits } = request;
    const { graph, reads: known } = analyse(request, options);
    const sources = known.stages.flatMap(({ context }) => context);
    const reads = { ...known, whole: [...known.whole, ...unmodelled(tree, sources)] };
    const whole = dockerfile.opaque ?? reads.beyond ?? chosen(request);
    const sliced = whole === undefined ? graph : undefined;
    const readsAll = whole !== undefined || reads.whole.length > 0;
    const found = select(
        tree,
        sources,
        readsAll ? [""] : reads.stages.flatMap(({ asked }) => asked),
    );
    // For a whole build, and for patterns that the analysis does not model, only BuildKit knows
    // what is needed.
    const isKnown = whole === undefined && reads.whole.length === known.whole.length;
    const missing = isKnown ? found.missing.filter(({ read }) => !read.isOptional) : [];
    const folders = whole === undefined ? selectInFolders(request, reads) : [];
    const isPinned = request.baseImages === BaseImagePolicy.Pin;
    const pins = isPinned ? pinsOf(reads) : [];
    const standIns = new Map(
        pins.flatMap(({ reference, context }) =>
            context === reference ? [] : [[familiarName(reference), context] as const],
        ),
    );
    const failures: DockerfileFailure[] = [
        ...withoutStandIn(dockerfile, reads.stages, standIns),
        ...(sliced === undefined ? [] : malformedExcludes(sliced, reads)),
        ...missing.map((source) => ({
            line: source.read.line,
            reason: describeMissing(tree, source),
        })),
        ...missingInFolders(folders),
    ];
    if (failures.length > 0) throw new DockerfileError(failures);
    const selection = readsAll ? selectAll(tree) : found;
    const excess = tooBig(sizeOf(selection), limits);
    const named = whole === undefined ? namedContextsOf(reads) : undefined;
    const described = Object.keys(comments).sort();
    const modes = request.slicing === SlicePolicy.Whole ? "exact" : "usual";
    const note = umaskNote(selection, modes);
    const isMissed = missedByHash(tree, selection, modes).length > 0;
    const mounts = sliced && mountsOf(request, sliced, reads, standIns);
    const given = {
        mounts,
        standIns,
        comments: [
            ...described.flatMap((name) =>
                named?.has(name) === false ? [] : [comments[name] ?? ""],
            ),
            // docker-build's own hash would miss changes of some entries.
            ...(isMissed ? [`files ${sliceDigest(tree, selection, [], modes)}`] : []),
        ],
    };
    const slice =
        sliced === undefined
            ? wholeDockerfile(dockerfile, graph, given)
            : sliceDockerfile(dockerfile, sliced, given);
    return {
        request,
        graph,
        whole,
        mustCopy: leadsToUnselected(tree, selection),
        copiedContexts: contextsToCopy(
            request.contextFolders ?? {},
            readsAll ? undefined : reads.stages,
        ).filter((name) => named?.has(name) !== false),
        modes,
        dockerfile: slice,
        ignore: readsAll ? ownIgnoreFile(tree) : allowList(tree, selection),
        selection,
        reads,
        pins: isPinned ? [...pins, ...contextPins(request.contextLocations ?? {}, named)] : [],
        carriedMounts: mounts?.carried ?? [],
        changedFlags: [...(mounts?.flags.values() ?? [])],
        notes: [
            ...found.empty.map(
                ({ line, instruction, written }) =>
                    `line ${line}: ${instruction} ${written}: nothing in the context matches it`,
            ),
            ...(mounts?.notes ?? ignoredMounts(request)),
            ...(note === undefined ? [] : [note]),
        ],
        warnings: [
            ...(graph === undefined ? [] : mistypedStages(graph)),
            ...cargoWarnings(mounts?.targets ?? []),
            ...[excess, circleWarning(tree, selection)].filter((one) => one !== undefined),
        ],
        sensitive: sensitivePaths(
            [selection, ...folders.map((folder) => folder.selection)].flatMap(({ nodes }) => [
                ...nodes,
            ]),
        ),
        digest: sliceDigest(
            tree,
            selection,
            [slice.text, ...(request.remote === undefined ? [] : [request.remote])],
            modes,
        ),
    };
}

/** What the slice's cache mounts change, with the hint for programs without one. */
function mountsOf(
    { dockerfile, options, cacheMounts = {}, carriesMounts, mountNamespace = "" }: SliceRequest,
    graph: StageGraph,
    { stages }: TargetReads,
    standIns: StandIns,
): MountChanges {
    const plan = (namespace: string | undefined) =>
        planMounts({ dockerfile, graph, options, stages, added: cacheMounts, namespace, standIns });
    const changes = plan(carriesMounts ? mountNamespace : undefined);
    const hints = [
        ...(carriesMounts === undefined ? carryHint(plan(mountNamespace).carried) : []),
        ...toolHint(dockerfile, stages, cacheMounts),
    ];
    return { ...changes, notes: [...changes.notes, ...hints] };
}

/** Reports arguments that change the RUNs of a slice, which a whole Dockerfile does not allow. */
function ignoredMounts({ cacheMounts = {}, carriesMounts }: SliceRequest): readonly string[] {
    const given = [
        ...(Object.values(cacheMounts).some(({ length }) => length > 0) ? ["cacheMounts"] : []),
        ...(carriesMounts ? ["cache.carryMounts"] : []),
    ];
    const reason =
        "the image is built from the whole Dockerfile, whose RUN instructions stay as written";
    return given.map((name) => `ignores ${name}: ${reason}`);
}

/** Why the request takes the whole; undefined when it does not. */
function chosen({ slicing, remote }: Pick<SliceRequest, "slicing" | "remote">): string | undefined {
    if (remote !== undefined) return `BuildKit fetches the context ${remote}`;
    return slicing === SlicePolicy.Whole ? wholeChosen : undefined;
}

/** The reason for the whole when the policy asks for it. */
export const wholeChosen = "SlicePolicy.Whole asks for it";

/** The stages and what they read; a whole build needs neither. @throws DockerfileError */
function analyse(
    request: SliceRequest,
    options: BuildOptions,
): { readonly graph: StageGraph | undefined; readonly reads: TargetReads } {
    const { dockerfile } = request;
    try {
        const graph = resolveStages(dockerfile, options);
        return { graph, reads: findTargetReads(dockerfile, graph, options) };
    } catch (error) {
        const beyond = dockerfile.opaque ?? chosen(request);
        if (!(error instanceof DockerfileError) || beyond === undefined) throw error;
        return { graph: undefined, reads: { stages: [], whole: [], beyond } };
    }
}

/** Faults of `--exclude` patterns that BuildKit rejects for every source of files. */
function malformedExcludes(graph: StageGraph, { stages }: TargetReads): DockerfileFailure[] {
    const { certain } = findReachableStages(graph);
    const instructions = stages
        .filter(({ stage }) => certain.has(stage.index))
        .flatMap(({ stage }) => stage.instructions);
    return instructions.flatMap(({ line, body }) =>
        (body.kind === "copy" ? body.exclude.map((pattern) => ({ ...body, pattern })) : [])
            .filter(({ pattern }) => patternFault(pattern) === "malformed")
            .map(({ keyword, pattern }) => ({
                line,
                reason: `${keyword} --exclude=${pattern}: ${describeMalformed(pattern)}`,
            })),
    );
}

/** Sources in named contexts that are folders, which BuildKit does not find there. */
function missingInFolders(folders: readonly FolderSelection[]): DockerfileFailure[] {
    return folders.flatMap(({ name, tree, selection }) =>
        selection.missing.map((source) => ({
            line: source.read.line,
            reason: describeMissing(tree, source, `namedContexts.${name}`),
        })),
    );
}

/** What the stages read from a named context that is a folder. */
interface FolderSelection {
    readonly name: string;
    readonly tree: ContextTree;
    readonly selection: Selection;
}

function selectInFolders(
    { contextFolders = {} }: SliceRequest,
    { stages }: TargetReads,
): readonly FolderSelection[] {
    return stages
        .flatMap(({ named }) => named)
        .flatMap(({ name, reads, asked }) => {
            const tree = contextFolders[name];
            // Only BuildKit knows which files such patterns keep.
            if (tree === undefined || unmodelled(tree, reads).length > 0) return [];
            return [{ name, tree, selection: select(tree, reads, asked) }];
        });
}

/** The user's ignore file, with a line that excludes the folder of generated files. */
function ownIgnoreFile({ ignoreFile, generated }: ContextTree): string {
    const own = ignoreFile?.text ?? "";
    if (generated === undefined) return own;
    const end = own === "" || own.endsWith("\n") ? "" : "\n";
    return `${own}${end}${escapePath(generated, { negated: false })}\n`;
}
