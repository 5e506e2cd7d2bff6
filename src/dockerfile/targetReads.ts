import { parsePlatform } from "../oci/platform";
import { collectStageReads, type FindContext } from "./collectStageReads";
import { DockerfileError, type DockerfileFailure } from "./failure";
import type { BaseImage, BuildOptions } from "./options";
import type { Dockerfile } from "./parse";
import { findReachableStages } from "./reachableStages";
import type { Stage, StageGraph } from "./stage";
import type { StageReads, WholeContext } from "./stageReads";
import { imageStart, type StageEnd, StageVariables, unknownStart } from "./variables";

/** What BuildKit reads to build a target. */
export interface TargetReads {
    /** The stages that are built, in file order. */
    readonly stages: readonly StageReads[];
    /** Why the build may read the whole context; empty when the reads are known exactly. */
    readonly whole: readonly WholeContext[];
    /**
     * Why the build may read more of any input than the stages show; undefined when it does not.
     */
    readonly beyond?: string;
}

/**
 * Computes what BuildKit reads from the build context to build a target.
 *
 * @throws DockerfileError with every instruction of the built stages that BuildKit rejects.
 */
export function findTargetReads(
    dockerfile: Dockerfile,
    graph: StageGraph,
    options: BuildOptions = {},
): TargetReads {
    const { stages: reached, certain, checked } = findReachableStages(graph);
    const built = new Set(reached);
    const failures: DockerfileFailure[] = [];
    const read = readStages(dockerfile, graph, options, (stage) => {
        if (checked.has(stage.index)) return failures;
        return built.has(stage) ? [] : undefined;
    });
    const stages = read
        .filter(({ stage }) => built.has(stage))
        .map((reads) =>
            certain.has(reads.stage.index)
                ? reads
                : { ...reads, context: reads.context.map(optional), named: [] },
        );
    if (failures.length > 0) throw new DockerfileError(failures);
    const whole = [...stages.flatMap((stage) => stage.whole), ...wholeStages(reached, options)];
    const line = dockerfile.stages[0]?.instructions[0]?.line ?? 1;
    const { beyond } = graph;
    if (beyond !== undefined) whole.unshift({ line, reason: beyond });
    return { stages, whole, ...(beyond === undefined ? {} : { beyond }) };
}

/** What every stage of a Dockerfile reads, needed or not, in file order. Ignores faults. */
export function findAllReads(
    dockerfile: Dockerfile,
    graph: StageGraph,
    options: BuildOptions = {},
): readonly StageReads[] {
    return readStages(dockerfile, graph, options, () => []);
}

/** @param failuresOf receives the faults of a stage; undefined to skip the stage */
function readStages(
    { directives }: Dockerfile,
    graph: StageGraph,
    options: BuildOptions,
    failuresOf: (stage: Stage) => DockerfileFailure[] | undefined,
): readonly StageReads[] {
    const ends = new Map<number, StageEnd>();
    return graph.stages.flatMap((stage) => {
        const failures = failuresOf(stage);
        if (failures === undefined) return [];
        const start = startOf(stage, options, ends);
        const variables = new StageVariables(start, graph.globals, options, directives.escape);
        const reads = collectStageReads(stage, variables, contextFinder(stage, graph), failures);
        ends.set(stage.index, variables.end());
        return reads;
    });
}

/** Finds the named contexts that replace an image or a stage that this stage reads from. */
function contextFinder({ edges }: Stage, { stages }: StageGraph): FindContext {
    return (instruction, written) => {
        const edge = edges.find(
            (one) => one.instruction === instruction && one.written === written,
        );
        if (edge?.source.kind === "context") return { name: edge.source.name, isShared: false };
        const stage = edge?.source.kind === "stage" ? stages[edge.source.index] : undefined;
        const base = stage?.isReplaced ? stage.base : undefined;
        return base?.kind === "context" ? { name: base.name, isShared: true } : undefined;
    };
}

function optional(read: StageReads["context"][number]): StageReads["context"][number] {
    return { ...read, isOptional: true };
}

/** The named contexts that the build reads; undefined when it may read any of them. */
export function namedContextsOf({ stages, beyond }: TargetReads): ReadonlySet<string> | undefined {
    if (beyond !== undefined) return undefined;
    const sources = stages.flatMap(({ stage }) => [
        stage.base,
        ...stage.edges.map(({ source }) => source),
    ]);
    return new Set(sources.flatMap((one) => (one.kind === "context" ? [one.name] : [])));
}

/** The variables at the start of a stage: those at the end of its base. */
function startOf(
    stage: Stage,
    options: BuildOptions,
    ends: ReadonlyMap<number, StageEnd>,
): StageEnd {
    const { base } = stage;
    if (base.kind === "scratch") return imageStart({}, "/");
    if (base.kind === "stage") return ends.get(base.index) ?? imageStart({}, "/");
    const known = baseImageOf(stage, options);
    const beyond = beyondOf(stage);
    return known === undefined ? unknownStart(beyond) : imageStart(known.env, { unknown: beyond });
}

function baseImageOf({ base }: Stage, { baseImages }: BuildOptions): BaseImage | undefined {
    if (base.kind === "image") return baseImages?.[base.reference];
    return base.kind === "context" ? baseImages?.[base.name] : undefined;
}

function beyondOf({ base }: Stage): string {
    switch (base.kind) {
        case "image":
            return `the image ${base.reference} may set it`;
        case "context":
            return `the named context ${base.name} may set it`;
        default:
            return "the stage's base may set it";
    }
}

/**
 * Reasons why the reads of a stage are unknown: Windows paths, images made for ONBUILD triggers.
 */
function wholeStages(stages: readonly Stage[], options: BuildOptions): WholeContext[] {
    return stages.flatMap((stage) => {
        const { line, base, platform = options.platform } = stage;
        if (typeof platform === "string" && parsePlatform(platform)?.os === "windows") {
            return [{ line, reason: `paths in an image for ${platform} are not supported` }];
        }
        // Images with ONBUILD triggers usually have "onbuild" in their names (node:20-onbuild).
        const isUnknown = base.kind === "image" && baseImageOf(stage, options) === undefined;
        if (!isUnknown || !/onbuild/i.test(base.reference)) return [];
        const reason = `the image ${base.reference} may have ONBUILD triggers that copy files`;
        return [{ line, reason }];
    });
}
