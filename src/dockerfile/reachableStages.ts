import type { StageGraph } from "./stage";
import { dependenciesOf, type Stage, sourcesOf, unknownBase } from "./stage";

/** The stages that a stage needs, including the stage itself, in file order. */
export interface Reach {
    readonly stages: readonly Stage[];
    /** Indexes of the stages that are certainly built; the others may be an unknown base. */
    readonly certain: ReadonlySet<number>;
    /**
     * Indexes of the stages that BuildKit certainly checks, including those a replaced stage names.
     */
    readonly checked: ReadonlySet<number>;
    /** Why earlier stages may be needed too: a base is unknown. */
    readonly unknown?: string;
}

/**
 * The stages that BuildKit builds for a stage: itself, its base, and what it copies or mounts from.
 */
export function findReachableStages(
    graph: Pick<StageGraph, "stages" | "target">,
    stage: Stage = graph.target,
): Reach {
    const certain = closure(graph.stages, stage, dependenciesOf);
    const possible = closure(graph.stages, stage, (one) => [
        ...dependenciesOf(one),
        ...(one.base.kind === "unknown" ? one.base.stages : []),
    ]);
    const checked = closure(graph.stages, stage, (one) => [
        ...dependenciesOf(one),
        ...sourcesOf(one.ownEdges),
    ]);
    const stages = graph.stages.filter(({ index }) => possible.has(index));
    const unknown = stages.map(unknownBase).find((reason) => reason !== undefined);
    return { stages, certain, checked, ...(unknown === undefined ? {} : unknown) };
}

function closure(
    stages: readonly Stage[],
    start: Stage,
    next: (stage: Stage) => readonly number[],
): ReadonlySet<number> {
    const found = new Set<number>();
    const pending = [start.index];
    for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
        const stage = stages[index];
        if (stage === undefined || found.has(index)) continue;
        found.add(index);
        pending.push(...next(stage));
    }
    return found;
}

/** A stage and the stages that it is built on, the stage itself first. */
export function chainOf(graph: StageGraph, stage: Stage): Stage[] {
    const chain: Stage[] = [];
    for (let current: Stage | undefined = stage; current !== undefined; ) {
        chain.push(current);
        const base: Stage["base"] = current.base;
        current = base.kind === "stage" ? graph.stages[base.index] : undefined;
    }
    return chain;
}

/**
 * The stages for which a separate builder-stage image is worth its cost, in file order.
 *
 * An inline cache contains only the layers of the exported stage and of the stages that it is built
 * on. The target's image keeps that chain. Every stage that the target only copies or mounts from,
 * directly or through other stages, is lost unless it is exported too. One image per chain is
 * enough, because the last stage of a chain includes the others. These stages get no image: a chain
 * without RUN, because copying files again costs less than pulling them from a cache; a stage that
 * `--target` cannot name; a stage that reads TARGETSTAGE, because as a target it runs other steps.
 */
export function builderStages(graph: StageGraph, target: Stage = graph.target): Stage[] {
    const own = new Set(chainOf(graph, target).map(({ index }) => index));
    const { stages, certain } = findReachableStages(graph, target);
    const others = stages.filter(({ index }) => certain.has(index) && !own.has(index));
    const carried = new Set(
        others.flatMap((stage) => chainOf(graph, stage).slice(1)).map(({ index }) => index),
    );
    return others.filter(
        (stage) =>
            !carried.has(stage.index) &&
            chainOf(graph, stage).some(works) &&
            graph.stages.findLast(({ name }) => name === stage.name) === stage &&
            !findReachableStages(graph, stage).stages.some(readsTargetName),
    );
}

/** Whether a stage has steps that cost more than copying files. */
function works(stage: Stage): boolean {
    return stage.instructions.some(
        ({ body }) =>
            body.kind === "run" ||
            (body.kind === "copy" && body.keyword === "ADD" && body.sources.some(isRemote)),
    );
}

function isRemote(source: string): boolean {
    return /^(?:https?|git|ssh):\/\/|^git@/.test(source);
}

function readsTargetName({ instructions }: Stage): boolean {
    return instructions.some(
        ({ body }) => body.kind === "arg" && body.args.some(({ name }) => name === "TARGETSTAGE"),
    );
}
