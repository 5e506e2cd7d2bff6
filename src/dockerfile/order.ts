import type { DockerfileFailure } from "./failure";
import { dependenciesOf, type Edge, type Stage, sourcesOf } from "./stage";

/**
 * Failures for edges that do not lead to an earlier stage: cycles, and stages in the wrong order.
 * BuildKit 0.31 always rejects a cycle of stages' own instructions. It rejects everything else only
 * if the target needs it.
 *
 * @param needed indexes of the stages that are certainly built
 */
export function orderFailures(
    stages: readonly Stage[],
    needed: ReadonlySet<number>,
): DockerfileFailure[] {
    const own = ({ ownEdges }: Stage) => sourcesOf(ownEdges);
    return stages.flatMap((stage) =>
        edgesOf(stage).flatMap((edge) => {
            const { source, line } = edge;
            if (source.kind !== "stage" || source.index < stage.index) return [];
            const circle = stage.ownEdges.includes(edge)
                ? pathBetween(stages, source.index, stage.index, own)
                : undefined;
            const from = stages[source.index];
            // A trigger may copy from its own stage; a named context is available before every
            // stage.
            const isLate =
                needed.has(stage.index) &&
                stage.edges.includes(edge) &&
                source.index !== stage.index &&
                !from?.isReplaced;
            if (circle === undefined && !isLate) return [];
            const around = circle ?? pathBetween(stages, source.index, stage.index, dependenciesOf);
            if (around !== undefined) {
                const labels = [stage.index, ...around].map((index) => stages[index]?.label);
                return [{ line, reason: `stages depend on each other: ${labels.join(" → ")}` }];
            }
            const reason =
                `stage "${stage.label}" depends on "${from?.label}", which comes later; ` +
                `move "${from?.label}" above it`;
            return [{ line, reason }];
        }),
    );
}

function edgesOf({ ownEdges, edges }: Stage): Edge[] {
    return [...new Set([...ownEdges, ...edges])];
}

/** The stages on a path from one stage to another, including both; undefined without a path. */
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
