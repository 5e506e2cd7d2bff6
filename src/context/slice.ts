import { type BasePin, pinsOf } from "../bases/pins";
import { BaseImagePolicy } from "../bases/policy";
import { DockerfileError, type DockerfileFailure } from "../dockerfile/failure";
import { resolveStages } from "../dockerfile/graph";
import type { BuildOptions } from "../dockerfile/options";
import type { Dockerfile } from "../dockerfile/parse";
import { namedContextsOf, readsOf, type TargetReads } from "../dockerfile/reads";
import { familiarName } from "../dockerfile/reference";
import { type DockerfileSlice, sliceDockerfile } from "../dockerfile/slice";
import type { Stage } from "../dockerfile/stage";
import { allowList } from "./allowList";
import { sliceDigest } from "./digest";
import { describeHidden, whatHidesIt } from "./hidden";
import { type Selection, select, selectAll } from "./select";
import { type SizeLimits, sizeOf, tooBig } from "./size";
import type { ContextTree } from "./tree";

/** What a slice is cut from, and how. */
export interface SliceRequest {
    readonly dockerfile: Dockerfile;
    readonly tree: ContextTree;
    /** Target, build arguments and so on. @default none */
    readonly options?: BuildOptions;
    /**
     * Comments by the named context that they tell of. Those of contexts that are read go to the end
     * of the Dockerfile, so that a change of them is a change of the build.
     */
    readonly comments?: Readonly<Record<string, string>>;
    /** What is done about base images. @default `BaseImagePolicy.Float` */
    readonly baseImages?: BaseImagePolicy | undefined;
    readonly limits?: SizeLimits;
}

/** The part of a Dockerfile and of its context that one image is built from. */
export interface Slice {
    readonly target: Stage;
    readonly dockerfile: DockerfileSlice;
    /** Text of `<Dockerfile>.dockerignore`: lets through what is read and nothing else. */
    readonly ignore: string;
    readonly selection: Selection;
    readonly reads: TargetReads;
    /** The base images that are pinned; none where they float. */
    readonly pins: readonly BasePin[];
    /** What builds but is hardly meant, in words with its line. */
    readonly warnings: readonly string[];
    /** `sha256:…` of Dockerfile and files; modes as git keeps them. */
    readonly digest: string;
}

/**
 * Cuts out what building one target needs.
 *
 * @throws DockerfileError carrying every fault: of the stages, of the instructions, sources that
 * are hidden or missing, a slice that is too big to be meant.
 */
export function sliceContext(request: SliceRequest): Slice {
    const { dockerfile, tree, options = {}, comments = {}, limits } = request;
    const graph = resolveStages(dockerfile, options);
    const reads = readsOf(dockerfile, graph, options);
    const found = select(
        tree,
        reads.stages.flatMap(({ context }) => context),
    );
    const failures: DockerfileFailure[] = found.missing.map((read) => ({
        line: read.line,
        reason: describeHidden(whatHidesIt(tree, read)),
    }));
    const selection = reads.whole.length > 0 ? selectAll(tree) : found;
    const excess = tooBig(sizeOf(selection), limits);
    if (excess !== undefined) failures.push({ reason: excess });
    if (failures.length > 0) throw new DockerfileError(failures);
    const named = namedContextsOf(reads);
    const told = Object.keys(comments).sort();
    const pins = request.baseImages === BaseImagePolicy.Pin ? pinsOf(reads) : [];
    const slice = sliceDockerfile(dockerfile, graph, {
        comments: told.flatMap((name) =>
            named?.has(name) === false ? [] : [comments[name] ?? ""],
        ),
        standIns: new Map(
            pins.flatMap(({ reference, context }) =>
                context === reference ? [] : [[familiarName(reference), context]],
            ),
        ),
    });
    return {
        target: graph.target,
        dockerfile: slice,
        ignore: allowList(tree, selection),
        selection,
        reads,
        pins,
        warnings: selection.empty.map(
            ({ line, instruction, written }) =>
                `line ${line}: ${instruction} ${written}: nothing in the context matches it`,
        ),
        digest: sliceDigest(tree, selection, [slice.text]),
    };
}
