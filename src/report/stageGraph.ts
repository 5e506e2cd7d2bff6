import type { StepOutcome } from "../buildkit/history";
import type { BuildFacts, Step } from "./model";
import { countSteps } from "./steps";

/** A stage of a Dockerfile in a drawing. */
export interface StageNode {
    readonly name: string;
    readonly steps: readonly Step[];
    /** The worst that happened to a step of the stage. */
    readonly state: StepOutcome;
    readonly counts: Readonly<Record<StepOutcome, number>>;
    /** Time of all its steps, in milliseconds. */
    readonly ms: number;
    /** Names of the stages that it copies from or continues. */
    readonly from: readonly string[];
    /** Position: sources are to the left of the stages that read them. */
    readonly column: number;
    readonly row: number;
}

/** From the worst to the best. */
const severity: readonly StepOutcome[] = ["failed", "stopped", "ran", "cached"];

/**
 * The stages of a build, and which stage reads which.
 *
 * @param ownName name of the only stage of a build, which BuildKit does not name
 */
export function stageGraph(build: BuildFacts, ownName: string): readonly StageNode[] {
    const byStage = new Map<string, Step[]>();
    const stageOf = new Map<string, string>();
    for (const step of build.steps) {
        const name = step.stage ?? ownName;
        stageOf.set(step.id, name);
        byStage.set(name, [...(byStage.get(name) ?? []), step]);
    }
    const sources = new Map(
        [...byStage].map(([name, steps]) => {
            const read = steps.flatMap(({ inputs }) => inputs.map((input) => stageOf.get(input)));
            const others = read.filter((one) => one !== undefined && one !== name);
            return [name, [...new Set(others)] as readonly string[]];
        }),
    );
    const columns = columnsOf(sources);
    const filled = new Map<number, number>();
    return [...byStage].map(([name, steps]) => {
        const column = columns.get(name) ?? 0;
        const row = filled.get(column) ?? 0;
        filled.set(column, row + 1);
        const counts = countSteps({ ...build, steps });
        return {
            name,
            steps,
            state: severity.find((state) => counts[state] > 0) ?? "cached",
            counts,
            ms: steps.reduce((sum, step) => sum + (step.state === "cached" ? 0 : step.ms), 0),
            from: sources.get(name) ?? [],
            column,
            row,
        };
    });
}

/** One column more than the rightmost source. BuildKit's graphs have no cycles. */
function columnsOf(sources: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, number> {
    const columns = new Map<string, number>();
    const place = (name: string, above: ReadonlySet<string>): number => {
        const known = columns.get(name);
        if (known !== undefined || above.has(name)) return known ?? 0;
        const below = new Set([...above, name]);
        const from = (sources.get(name) ?? []).map((source) => place(source, below) + 1);
        const column = Math.max(0, ...from);
        columns.set(name, column);
        return column;
    };
    for (const name of sources.keys()) {
        place(name, new Set());
    }
    return columns;
}
