import type { StageGraph } from "./stage";
import { dependenciesOf, type Stage, sourcesOf, unknownBase } from "./stage";

/** Stages a stage needs, itself included, in file order. */
export interface Reach {
    readonly stages: readonly Stage[];
    /** Those that are built for certain, by index; the others may be a base that is unknown. */
    readonly certain: ReadonlySet<number>;
    /** Those that BuildKit checks for certain: also what the instructions of a replaced stage name. */
    readonly checked: ReadonlySet<number>;
    /** Why earlier stages may be needed too: a base is unknown. */
    readonly unknown?: string;
}

/** The stages that building a stage builds: itself, what it is built on, what it takes from. */
export function reachOf(
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

/** A stage and the stages it is built on, itself first. */
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
 * The stages that deserve a builder-stage image of their own, in file order.
 *
 * Inline cache carries the layers of the exported stage and of what it is built on, nothing else.
 * So the target's image keeps its own chain, and every stage that is only copied or mounted from,
 * directly or through others, is lost unless it is exported too. Of these, one suffices for each
 * chain (the stage at its end carries the others), and a chain that runs nothing is not worth an
 * image: copying files again costs less than pulling them from a cache. Neither is a stage that
 * `--target` cannot name, nor one that reads TARGETSTAGE: as a target it runs other steps.
 */
export function builderStages(graph: StageGraph, target: Stage = graph.target): Stage[] {
    const own = new Set(chainOf(graph, target).map(({ index }) => index));
    const { stages, certain } = reachOf(graph, target);
    const others = stages.filter(({ index }) => certain.has(index) && !own.has(index));
    const carried = new Set(
        others.flatMap((stage) => chainOf(graph, stage).slice(1)).map(({ index }) => index),
    );
    return others.filter(
        (stage) =>
            !carried.has(stage.index) &&
            chainOf(graph, stage).some(works) &&
            graph.stages.findLast(({ name }) => name === stage.name) === stage &&
            !reachOf(graph, stage).stages.some(readsTargetName),
    );
}

/** Whether a stage does anything that costs more than copying files. */
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
