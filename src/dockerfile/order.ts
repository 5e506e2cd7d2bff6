import type { DockerfileFailure } from "./failure";
import { dependenciesOf, type Stage, sourcesOf } from "./stage";

/**
 * The edges that do not lead to an earlier stage, told apart: stages that take from each other,
 * and stages that merely stand in the wrong order. BuildKit 0.31 refuses the first always if no
 * FROM is part of the circle, and everything else only if the target needs it.
 */
export function orderFailures(
    stages: readonly Stage[],
    target: Stage | undefined,
): DockerfileFailure[] {
    return stages.flatMap((stage) =>
        stage.edges.flatMap(({ source, line }) => {
            if (source.kind !== "stage" || source.index < stage.index) return [];
            const circle = pathBetween(stages, source.index, stage.index, sourcesOf);
            const needed =
                target !== undefined &&
                pathBetween(stages, target.index, stage.index, dependenciesOf) !== undefined;
            if (circle === undefined && !needed) return [];
            const around = circle ?? pathBetween(stages, source.index, stage.index, dependenciesOf);
            if (around !== undefined) {
                const labels = [stage.index, ...around].map((index) => stages[index]?.label);
                return [{ line, reason: `stages depend on each other: ${labels.join(" → ")}` }];
            }
            const from = stages[source.index]?.label;
            const reason =
                `stage "${stage.label}" takes from "${from}", which comes later; ` +
                `move "${from}" above it`;
            return [{ line, reason }];
        }),
    );
}

/** The stages on a way from one to another, both included; undefined when there is none. */
function pathBetween(
    stages: readonly Stage[],
    from: number,
    to: number,
    next: (stage: Stage) => readonly number[],
    seen: Set<number> = new Set(),
): number[] | undefined {
    if (from === to) return [to];
    const stage = stages[from];
    if (stage === undefined || seen.has(from)) return undefined;
    seen.add(from);
    for (const index of next(stage)) {
        const path = pathBetween(stages, index, to, next, seen);
        if (path !== undefined) return [from, ...path];
    }
    return undefined;
}
