import type { Period, StepOutcome, Vertex } from "../buildkit/history";
import { mountStageOf } from "../mounts/stages";
import {
    type BuildFacts,
    type CacheImport,
    finalStage,
    type MountWork,
    type Span,
    type Step,
    type WorkKind,
    workKinds,
} from "./model";

// BuildKit 0.31, frontend/dockerfile/dockerfile2llb: "[stage 2/7] RUN …", "[linux/arm64 stage 2/7] …".
const stepName = /^\[(?!internal|auth)(?:(?:[a-z0-9]+\/\S+ )?(\S+) )?\d+\/\d+\] (.*)$/s;
const importName = /^importing cache manifest from (\S+)$/;

// Vertices without a step that read base images, and exports.
const baseName = /^\[internal\] load metadata for /;
const exportName = /^(?:exporting|preparing|pushing) /;

/** The user's words for what BuildKit recorded of a build. */
export interface StepTexts {
    /** The cache mounts that the build may restore. @default none */
    readonly mounts?: readonly { readonly key: string; readonly id: string }[];
    /** The text of a step as the user wrote it. @default as BuildKit recorded it */
    readonly asWritten?: (text: string) => string;
}

/** What a report needs in addition to BuildKit's record of a build. */
export interface BuildContext extends StepTexts {
    /** When the build started, in milliseconds since 1970. @default the start of its first step */
    readonly startedMs?: number;
}

/**
 * The user's steps, the exports, and the work on cache mounts, from the vertices that BuildKit recorded.
 * The stages that restore mounts are no steps of the user.
 */
export function buildFacts(vertices: readonly Vertex[], context: BuildContext = {}): BuildFacts {
    const { mounts = [], asWritten = (text) => text } = context;
    const work = mergeShared(vertices).map(workOf);
    const imports = vertices.flatMap(({ name, error }): CacheImport[] => {
        const reference = importName.exec(name)?.[1];
        return reference === undefined ? [] : [{ reference, error }];
    });
    return {
        // BuildKit reports a graph from its end, and reads caches at the same time in any order.
        steps: inBuildOrder(withFinalStage(userSteps(work, asWritten))),
        imports: imports.sort(byReference),
        exports: work.flatMap(({ kind, vertex }) => {
            if (kind !== "push") return [];
            const step = stepOf(vertex, undefined, vertex.name);
            // BuildKit lists an export when it starts, as it lists a step that another build ran.
            return [step.state === "cached" ? { ...step, state: "ran" } : step];
        }),
        mounts: mounts.flatMap((mount) => restoreOf(work, mount) ?? []),
        spans: spansOf(work, context.startedMs),
    };
}

/** A vertex, and its part in the build. */
interface Work {
    readonly vertex: Vertex;
    /** Undefined for BuildKit's own vertices. */
    readonly kind: WorkKind | undefined;
    readonly stage: string | undefined;
    readonly text: string | undefined;
    /** What it does for which mount; undefined for the user's steps. */
    readonly helper: ReturnType<typeof mountStageOf>;
}

function workOf(vertex: Vertex): Work {
    const [, stage, text] = stepName.exec(vertex.name) ?? [];
    const helper = mountStageOf(stage ?? "");
    return { vertex, stage, text, helper, kind: kindOf(vertex, text, helper) };
}

function kindOf({ name, outcome }: Vertex, text: string | undefined, helper: Work["helper"]) {
    if (text?.startsWith("FROM ") || baseName.test(name)) return "base";
    if (helper !== undefined) return helper.role === "linux-save" ? "save" : "restore";
    // A cached step takes time to fetch its layers and those of the base image.
    if (text !== undefined) return outcome === "cached" ? "base" : "steps";
    return exportName.test(name) ? "push" : undefined;
}

function stepOf(
    { id, inputs, outcome, ms }: Vertex,
    stage: string | undefined,
    text: string,
): Step {
    return { id, inputs, stage, text, state: outcome, ms, isBase: text.startsWith("FROM ") };
}

/** The steps of the user's stages. BuildKit names a base image after one of the stages that use it. */
function userSteps(work: readonly Work[], asWritten: (text: string) => string): readonly Step[] {
    const own = work.filter(({ helper }) => helper === undefined);
    return work.flatMap(({ vertex, stage, text, helper }) => {
        if (text === undefined) return [];
        if (helper === undefined) return [stepOf(vertex, stage, asWritten(text))];
        const user = own.find((one) => one.vertex.inputs.includes(vertex.id));
        return text.startsWith("FROM ") && user !== undefined
            ? [stepOf(vertex, user.stage, text)]
            : [];
    });
}

/**
 * Names a last stage without a name: BuildKit numbers the stages of the slice, which has fewer stages than
 * the user's Dockerfile, and those that restore mounts.
 */
function withFinalStage(steps: readonly Step[]): readonly Step[] {
    const stages = new Map(steps.map(({ id, stage }) => [id, stage]));
    const read = steps.flatMap(({ stage, inputs }) =>
        inputs.map((id) => stages.get(id)).filter((one) => one !== stage),
    );
    const isFinal = (stage = "") => /^stage-\d+$/.test(stage) && !read.includes(stage);
    return steps.map((step) => (isFinal(step.stage) ? { ...step, stage: finalStage } : step));
}

/** What became of a mount before the build; undefined if its content was there, or nothing was saved. */
function restoreOf(
    work: readonly Work[],
    { key, id }: { readonly key: string; readonly id: string },
): MountWork | undefined {
    const own = work.filter(
        ({ helper, text }) => helper?.key === key && !text?.startsWith("FROM "),
    );
    const run = own.find(({ text }) => text?.startsWith("RUN "))?.vertex;
    if (run?.outcome === "failed") return { id, result: "restore failed", ms: run.ms };
    const bytes = own.reduce((sum, { vertex }) => sum + vertex.bytes, 0);
    if (run?.outcome !== "ran" || bytes === 0) return undefined;
    const saved = own.find(({ helper }) => helper?.role === "saved")?.vertex;
    return { id, result: "restored", bytes, ms: run.ms + (saved?.ms ?? 0) };
}

/** The time that the build took to pack each mount, in milliseconds, by the mount's key. */
export function packTimes(vertices: readonly Vertex[]): ReadonlyMap<string, number> {
    const runs = vertices
        .map(workOf)
        .filter(({ kind, text }) => kind === "save" && text?.startsWith("RUN "));
    return new Map(runs.map(({ helper, vertex }) => [helper?.key ?? "", vertex.ms]));
}

/** The times in which the build did each kind of work, without those before it started. */
function spansOf(work: readonly Work[], startedMs = earliest(work)): readonly Span[] {
    return workKinds.flatMap((kind) => {
        const runs = work.flatMap((one) => (one.kind === kind ? one.vertex.runs : []));
        return joined(
            runs.filter(({ startMs, endMs }) => startMs >= startedMs && endMs > startMs),
        ).map(({ startMs, endMs }) => ({
            kind,
            startMs: startMs - startedMs,
            ms: endMs - startMs,
        }));
    });
}

const earliest = (work: readonly Work[]): number =>
    Math.min(...work.flatMap(({ vertex }) => vertex.runs.map(({ startMs }) => startMs)));

/** Periods that overlap, as one. */
function joined(periods: readonly Period[]): readonly Period[] {
    const found: Period[] = [];
    for (const one of [...periods].sort((left, right) => left.startMs - right.startMs)) {
        const last = found.at(-1);
        if (last !== undefined && one.startMs <= last.endMs) {
            found[found.length - 1] = { ...last, endMs: Math.max(last.endMs, one.endMs) };
        } else found.push(one);
    }
    return found;
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
        const { id, name, inputs, outcome, ms, runs, bytes } = vertex;
        const twin = merged.get(name);
        ids.set(id, twin?.id ?? id);
        merged.set(name, {
            ...(twin ?? vertex),
            inputs: [...(twin?.inputs ?? []), ...inputs],
            outcome: outcomes.find((one) => one === outcome || one === twin?.outcome) ?? outcome,
            ms: Math.max(twin?.ms ?? 0, ms),
            runs: [...(twin?.runs ?? []), ...runs],
            bytes: Math.max(twin?.bytes ?? 0, bytes),
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

/** The first of the user's steps that was not cached: the change that the build started from. */
export function firstRun({ steps }: BuildFacts): Step | undefined {
    return steps.find(({ state, isBase }) => !isBase && (state === "ran" || state === "failed"));
}
