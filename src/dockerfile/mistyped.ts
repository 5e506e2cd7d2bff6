import { nearest } from "../text/nearest";
import { findReachableStages } from "./reachableStages";
import type { StageGraph } from "./stage";

/** The message for a name that no stage has. `file` names the Dockerfile where it is not obvious. */
export function unknownStage(name: string, stages: Iterable<string>, file?: string): string {
    const names = [...new Set(stages)];
    const near = nearest(name, names);
    const list = names.map((stage) => `"${stage}"`).join(", ");
    const known = names.length === 0 ? "no stage has a name" : `stages are ${list}`;
    const hint = near === undefined ? "" : `; did you mean "${near}"?`;
    return `no stage named "${name}"${file === undefined ? "" : ` in ${file}`}; ${known}${hint}`;
}

/**
 * Names in `--from` that are probably mistyped names of stages: BuildKit would pull an image of
 * that name. A name that a FROM uses too is an image on purpose.
 *
 * @returns warnings, with their lines
 */
export function mistypedStages(graph: StageGraph): string[] {
    const names = new Set(graph.stages.flatMap(({ name }) => name ?? []));
    const bases = new Set(
        graph.stages.flatMap(({ base }) => (base.kind === "image" ? [base.reference] : [])),
    );
    const edges = findReachableStages(graph).stages.flatMap((stage) => stage.edges);
    return edges.flatMap(({ instruction, line, written, source }) => {
        if (source.kind !== "image" || /[/:@]/.test(written) || bases.has(written)) return [];
        const near = nearest(written, names);
        if (near === undefined) return [];
        const flag = instruction === "COPY" ? `--from=${written}` : `--mount=from=${written}`;
        return [
            `line ${line}: ${instruction} ${flag}: no stage or named context is called ` +
                `"${written}", so BuildKit pulls an image of that name. Did you mean stage "${near}"?`,
        ];
    });
}
