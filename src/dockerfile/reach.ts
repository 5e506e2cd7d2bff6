import type { StageGraph } from "./graph";
import { dependenciesOf, type Stage, unknownBase } from "./stage";

/** Stages a stage needs, itself included, in file order. */
export interface Reach {
    readonly stages: readonly Stage[];
    /** Why any earlier stage may be needed, when a base is unknown; all of them are listed then. */
    readonly unknown?: string;
}

/** The stages that building a stage builds: itself, what it is built on, what it takes from. */
export function reachOf(graph: StageGraph, stage: Stage = graph.target): Reach {
    const needed = new Set<number>();
    const pending = [stage.index];
    let unknown: string | undefined;
    for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
        const current = graph.stages[index];
        if (current === undefined || needed.has(index)) continue;
        needed.add(index);
        pending.push(...dependenciesOf(current));
        const reason = unknownBase(current)?.unknown;
        if (reason === undefined) continue;
        unknown ??= reason;
        pending.push(...graph.stages.slice(0, index).map((earlier) => earlier.index));
    }
    return { stages: graph.stages.filter(({ index }) => needed.has(index)), unknown };
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
 * image: copying files again costs less than pulling them from a cache.
 */
export function builderStages(graph: StageGraph, target: Stage = graph.target): Stage[] {
    const own = new Set(chainOf(graph, target).map(({ index }) => index));
    const others = reachOf(graph, target).stages.filter(({ index }) => !own.has(index));
    const carried = new Set(
        others.flatMap((stage) => chainOf(graph, stage).slice(1)).map(({ index }) => index),
    );
    return others.filter(
        (stage) => !carried.has(stage.index) && chainOf(graph, stage).some((part) => works(part)),
    );
}

/** Whether a stage does anything that costs more than copying files. */
function works(stage: Stage): boolean {
    return stage.instructions.some(
        ({ body }) =>
            body.kind === "run" ||
            (body.kind === "copy" &&
                body.keyword === "ADD" &&
                body.sources.some((source) =>
                    /^(https?:\/\/|git@|git:\/\/|ssh:\/\/)/.test(source),
                )),
    );
}
