import type { DockerfileFailure } from "./failure";
import { dependenciesOf, type Edge, type Stage, sourcesOf } from "./stage";

/**
 * The edges that do not lead to an earlier stage: stages that take from each other, and stages in
 * the wrong order. BuildKit 0.31 refuses a circle that stages' own instructions form always, and
 * everything else only if the target needs it.
 *
 * @param needed the stages that are built for certain, by index
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
            // A trigger may take from its own stage; what replaces a stage is there before any.
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
                `stage "${stage.label}" takes from "${from?.label}", which comes later; ` +
                `move "${from?.label}" above it`;
            return [{ line, reason }];
        }),
    );
}

function edgesOf({ ownEdges, edges }: Stage): Edge[] {
    return [...new Set([...ownEdges, ...edges])];
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
