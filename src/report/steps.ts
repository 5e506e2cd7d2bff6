import type { StepOutcome, Vertex } from "../buildkit/history";
import type { BuildFacts, CacheImport, Step } from "./model";

// BuildKit 0.31, frontend/dockerfile/dockerfile2llb: "[stage 2/7] RUN …", "[linux/arm64 stage 2/7] …".
const stepName = /^\[(?!internal|auth)(?:(?:[a-z0-9]+\/\S+ )?(\S+) )?\d+\/\d+\] (.*)$/s;
const importName = /^importing cache manifest from (\S+)$/;

/** The steps and cache imports of a build, from the vertices that BuildKit recorded. */
export function buildFacts(vertices: readonly Vertex[]): BuildFacts {
    const steps = mergeShared(vertices).flatMap(({ id, inputs, name, outcome, ms }): Step[] => {
        const [, stage, text] = stepName.exec(name) ?? [];
        return text === undefined
            ? []
            : [{ id, inputs, stage, text, state: outcome, ms, isBase: text.startsWith("FROM ") }];
    });
    const imports = vertices.flatMap(({ name, error }): CacheImport[] => {
        const reference = importName.exec(name)?.[1];
        return reference === undefined ? [] : [{ reference, error }];
    });
    // BuildKit reports a graph from its end, and reads caches at the same time in any order.
    return { steps: inBuildOrder(steps), imports: imports.sort(byReference) };
}

const byReference = (left: CacheImport, right: CacheImport): number =>
    left.reference < right.reference ? -1 : 1;

/** Outcomes of a step that a record lists twice; the first one that occurs is the step's. */
const outcomes: readonly StepOutcome[] = ["failed", "ran", "cached", "stopped"];

/**
 * Merges vertices with the same name. Builds that run at the same time share equal steps: BuildKit
 * runs them in one of the builds, and the records of the others list each of them twice.
 */
function mergeShared(vertices: readonly Vertex[]): readonly Vertex[] {
    const merged = new Map<string, Vertex>();
    const ids = new Map<string, string>();
    for (const vertex of vertices) {
        const { id, name, inputs, outcome, ms } = vertex;
        const twin = merged.get(name);
        ids.set(id, twin?.id ?? id);
        merged.set(name, {
            ...(twin ?? vertex),
            inputs: [...(twin?.inputs ?? []), ...inputs],
            outcome: outcomes.find((one) => one === outcome || one === twin?.outcome) ?? outcome,
            ms: Math.max(twin?.ms ?? 0, ms),
        });
    }
    return [...merged.values()].map((vertex) => ({
        ...vertex,
        inputs: [...new Set(vertex.inputs.map((id) => ids.get(id) ?? id))],
    }));
}

/** Steps after the steps that they read. */
function inBuildOrder(steps: readonly Step[]): readonly Step[] {
    const byId = new Map(steps.map((step) => [step.id, step]));
    const ordered: Step[] = [];
    const seen = new Set<Step>();
    const place = (step: Step): void => {
        if (seen.has(step)) return;
        seen.add(step);
        for (const input of step.inputs) {
            const before = byId.get(input);
            if (before !== undefined) place(before);
        }
        ordered.push(step);
    };
    for (const step of steps) {
        place(step);
    }
    return ordered;
}

/** Number of steps by state, without bases. */
export function countSteps({ steps }: BuildFacts): Readonly<Record<StepOutcome, number>> {
    const counts = { cached: 0, ran: 0, failed: 0, stopped: 0 };
    for (const { state, isBase } of steps) {
        if (!isBase) counts[state]++;
    }
    return counts;
}

/** `3 cached, 2 ran`; empty when no step is counted. */
export function countsText(counts: Readonly<Record<StepOutcome, number>>): string {
    return Object.entries(counts)
        .filter(([, count]) => count > 0)
        .map(([outcome, count]) => `${count} ${outcome}`)
        .join(", ");
}

/** The first step that was not cached: the change that the build started from. */
export function firstRun({ steps }: BuildFacts): Step | undefined {
    return steps.find(({ state, isBase }) => !isBase && (state === "ran" || state === "failed"));
}
