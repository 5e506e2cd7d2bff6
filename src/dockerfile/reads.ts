import { DockerfileError, type DockerfileFailure } from "./failure";
import type { StageGraph } from "./graph";
import type { BuildOptions } from "./options";
import type { Dockerfile } from "./parse";
import { reachOf } from "./reach";
import { readStage } from "./reader";
import type { Stage } from "./stage";
import type { StageReads, WholeContext } from "./stageReads";
import { StageVariables, unknownBuildArgs } from "./variables";

/** What building a target reads. */
export interface TargetReads {
    /** The stages that are built, in file order. */
    readonly stages: readonly StageReads[];
    /** Why all of the context may be read; empty when what is read is known exactly. */
    readonly whole: readonly WholeContext[];
    /** Why more may be read than the stages say, of whatever the build is given; undefined when not. */
    readonly beyond?: string;
    /** What was taken for granted, in words. */
    readonly assumptions: readonly string[];
}

/**
 * Works out what building a target reads of the build context.
 *
 * @throws DockerfileError carrying every instruction of the stages built that BuildKit would not
 * take.
 */
export function readsOf(
    dockerfile: Dockerfile,
    graph: StageGraph,
    options: BuildOptions = {},
): TargetReads {
    const reach = reachOf(graph);
    const failures: DockerfileFailure[] = [];
    const ends = new Map<number, StageVariables>();
    const stages = reach.stages.map((stage) => {
        const variables = startOf(stage, dockerfile, graph, options, ends);
        ends.set(stage.index, variables);
        return readStage(stage, variables, failures);
    });
    if (failures.length > 0) throw new DockerfileError(failures);
    const whole = stages.flatMap((stage) => stage.whole);
    const line = dockerfile.stages[0]?.instructions[0]?.line ?? 1;
    const reason = dockerfile.opaque ?? reach.unknown ?? frontendArg(options);
    if (reason !== undefined) whole.unshift({ line, reason });
    const beyond = reason === undefined ? {} : { beyond: reason };
    return { stages, whole, ...beyond, assumptions: assumptionsOf(reach.stages, options) };
}

/** The named contexts that are read; undefined when any may be. */
export function namedContextsOf({ stages, beyond }: TargetReads): ReadonlySet<string> | undefined {
    if (beyond !== undefined) return undefined;
    const sources = stages.flatMap(({ stage }) => [
        stage.base,
        ...stage.edges.map(({ source }) => source),
    ]);
    return new Set(sources.flatMap((one) => (one.kind === "context" ? [one.name] : [])));
}

function frontendArg(options: BuildOptions): string | undefined {
    if (options.buildArgs === "unknown") return unknownBuildArgs.unknown;
    return options.buildArgs?.["BUILDKIT_SYNTAX"] === undefined
        ? undefined
        : "the build argument BUILDKIT_SYNTAX names another frontend, which may read it differently";
}

/** The variables a stage begins with: those its base ends with. */
function startOf(
    stage: Stage,
    dockerfile: Dockerfile,
    graph: StageGraph,
    options: BuildOptions,
    ends: ReadonlyMap<number, StageVariables>,
): StageVariables {
    const { base } = stage;
    const end = base.kind === "stage" ? ends.get(base.index)?.snapshot() : undefined;
    const known = base.kind === "image" ? options.baseImages?.[base.reference] : undefined;
    const values = new Map(Object.entries(known?.env ?? {}));
    const start = end ?? { values, beyond: known === undefined ? beyondOf(stage) : undefined };
    return new StageVariables(start, graph.globals, options, dockerfile.directives.escape);
}

function beyondOf({ base }: Stage): string | undefined {
    switch (base.kind) {
        case "image":
            return `the image ${base.reference} may set it`;
        case "context":
            return `the named context ${base.name} may set it`;
        case "unknown":
            return "what the stage is built on may set it";
        default:
            return undefined;
    }
}

function assumptionsOf(stages: readonly Stage[], options: BuildOptions): string[] {
    const images = stages.flatMap(({ base }) =>
        base.kind === "image" && options.baseImages?.[base.reference] === undefined
            ? [base.reference]
            : [],
    );
    return [...new Set(images)].map((image) => `${image} carries no ONBUILD triggers`);
}
