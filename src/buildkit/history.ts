import { cacheLabel } from "./cacheLabel";
import type { ControlApi } from "./controlApi";
import { encode, type Message } from "./message";

/** One build in BuildKit's history. */
export interface BuildRecord {
    readonly ref: string;
    /**
     * References that the build exports an image to; for a build without an image, those of the caches
     * that it reads, and that of its label {@link cacheLabel}.
     */
    readonly names: readonly string[];
    /** Whether the build pushes the image; builds of previews do not. */
    readonly isPushed: boolean;
    /** Digest of the exported image; empty without one. */
    readonly digest: string;
    readonly isComplete: boolean;
    readonly hasFailed: boolean;
    readonly startedMs: number;
    /** Number of steps, and of those whose result came from a cache. */
    readonly steps: { readonly total: number; readonly cached: number };
    /** Digests of the provenance that BuildKit stored, one for each platform: SLSA 1.0 as JSON. */
    readonly provenance: readonly string[];
}

/** The newer of the two types in which BuildKit stores provenance. */
const provenanceType = "https://slsa.dev/provenance/v1";

/** State of a step in one build. */
export const StepOutcome = {
    Cached: "cached",
    Ran: "ran",
    Failed: "failed",
    /** Not started, or cancelled because another step failed. */
    Stopped: "stopped",
} as const;
export type StepOutcome = (typeof StepOutcome)[keyof typeof StepOutcome];

/** A vertex of the build graph, as BuildKit executed it. */
export interface Vertex {
    readonly id: string;
    /** Ids of the vertices whose results it reads. */
    readonly inputs: readonly string[];
    /** `[build 4/7] RUN go mod download`. */
    readonly name: string;
    readonly outcome: StepOutcome;
    readonly error: string;
    /** Time during which it ran, in milliseconds. */
    readonly ms: number;
    /** When it first started, in milliseconds since 1970; undefined when it did not. */
    readonly startedMs?: number | undefined;
    /** The times during which it ran, in milliseconds since 1970. */
    readonly runs: readonly Period[];
    /** Bytes that it downloaded. */
    readonly bytes: number;
}

/** A start and an end. */
export interface Period {
    readonly startMs: number;
    readonly endMs: number;
}

/** Fields of `BuildHistoryRequest`, `BuildHistoryEvent`, `BuildHistoryRecord` and `Exporter` (buildkit 0.31, api/services/control/control.proto). */
const request = { earlyExit: 3, limit: 5 } as const;
const event = { type: 1, record: 2, complete: 1 } as const;
const recordField = {
    ref: 1,
    attributes: 3,
    exporters: 4,
    error: 5,
    createdAt: 6,
    result: 10,
    results: 11,
    cachedSteps: 15,
    totalSteps: 16,
} as const;
const result = { image: 1, attestations: 2 } as const;
const descriptor = { digest: 2, annotations: 5 } as const;
const exporter = { attributes: 2 } as const;
/** Fields of `StatusRequest`, `StatusResponse` and `Vertex`. */
const status = { ref: 1, vertexes: 1, transfers: 2 } as const;
const transfer = { id: 1, vertex: 2, total: 5, completed: 8 } as const;
const vertex = {
    id: 1,
    inputs: 2,
    name: 3,
    cached: 4,
    started: 5,
    completed: 6,
    error: 7,
} as const;

/**
 * Lists running builds and the newest completed ones.
 *
 * @param recordsMax number of builds; 0 for all. Before 0.20, BuildKit ignores it and returns up to 50.
 * @throws Error without a usable answer.
 */
export async function listBuilds(
    api: ControlApi,
    timeoutMs: number,
    recordsMax: number,
): Promise<BuildRecord[]> {
    const query = encode({ [request.earlyExit]: 1, [request.limit]: recordsMax });
    const events = await api.call("ListenBuildHistory", query, timeoutMs);
    return events.flatMap((one) =>
        one.messages(event.record).map((record) => ({
            ref: record.text(recordField.ref),
            ...exportsOf(record),
            digest: digestOf(record),
            isComplete: one.number(event.type) === event.complete,
            hasFailed: record.messages(recordField.error).length > 0,
            startedMs: record.timeMs(recordField.createdAt) ?? 0,
            steps: {
                total: record.number(recordField.totalSteps),
                cached: record.number(recordField.cachedSteps),
            },
            provenance: provenanceOf(record),
        })),
    );
}

function provenanceOf(record: Message): readonly string[] {
    const platforms = record.messages(recordField.results).flatMap((entry) => entry.messages(2));
    return [...record.messages(recordField.result), ...platforms]
        .flatMap((one) => one.messages(result.attestations))
        .filter((one) =>
            Object.values(one.entries(descriptor.annotations)).includes(provenanceType),
        )
        .map((one) => one.text(descriptor.digest));
}

function digestOf(record: Message): string {
    const [image] = record
        .messages(recordField.result)
        .flatMap((one) => one.messages(result.image));
    return image?.text(descriptor.digest) ?? "";
}

function exportsOf(record: Message): Pick<BuildRecord, "names" | "isPushed"> {
    const exporters = record
        .messages(recordField.exporters)
        .map((one) => one.entries(exporter.attributes));
    const attributes = record.entries(recordField.attributes);
    const { "cache-imports": caches = "", [`label:${cacheLabel}`]: labelled } = attributes;
    const imports = [...caches.matchAll(/"ref":"([^"]+)"/g)].map(([, reference = ""]) => reference);
    const read = labelled === undefined ? imports : [...imports, labelled];
    return {
        names:
            exporters.length === 0 ? read : exporters.flatMap(({ name = "" }) => name.split(",")),
        isPushed: exporters.some(({ push }) => push === "true"),
    };
}

/** Reads the vertices of a build in order of appearance. @throws Error without a usable answer. */
export async function readVertices(
    api: ControlApi,
    { ref, isComplete, hasFailed }: BuildRecord,
    timeoutMs: number,
): Promise<readonly Vertex[]> {
    const answers = await api.call("Status", encode({ [status.ref]: ref }), timeoutMs);
    const transfers = answers.flatMap((answer) => answer.messages(status.transfers));
    const found = new Map<string, ReportedVertex>();
    for (const report of answers.flatMap((answer) => answer.messages(status.vertexes))) {
        const id = report.text(vertex.id);
        const before = found.get(id);
        // A vertex starts again for each thing that BuildKit does with it.
        const runs = new Map(before?.ends);
        const started = report.timeMs(vertex.started);
        const completed = report.timeMs(vertex.completed);
        if (started !== undefined && completed !== undefined) runs.set(started, completed);
        found.set(id, {
            id,
            inputs: report.texts(vertex.inputs),
            name: report.text(vertex.name),
            outcome: outcomeOf(report, before?.outcome, runs.size > 0),
            error: report.text(vertex.error),
            ms: [...runs].reduce((sum, [from, to]) => sum + (to - from), 0),
            startedMs: before?.startedMs ?? started,
            ends: runs,
            isOwn: before?.isOwn ?? started === undefined,
            runsAgain:
                before?.runsAgain ||
                (before?.outcome === StepOutcome.Cached &&
                    completed !== undefined &&
                    report.number(vertex.cached) === 0),
        });
    }
    const fetched = new Set(transfers.map((one) => one.text(transfer.vertex)));
    return [...found.values()].map(({ ends, isOwn, runsAgain, ...reported }) => {
        const one = {
            ...reported,
            runs: [...ends].map(([startMs, endMs]) => ({ startMs, endMs })),
            bytes: bytesOf(transfers, reported.id),
        };
        if (one.outcome === StepOutcome.Cached && isOwn && runsAgain && !fetched.has(one.id)) {
            return { ...one, outcome: StepOutcome.Ran };
        }
        const isElsewhere =
            one.outcome === StepOutcome.Ran
                ? !isOwn
                : one.outcome === StepOutcome.Stopped && isComplete && !hasFailed;
        return isElsewhere ? { ...one, outcome: StepOutcome.Cached } : one;
    });
}

/** Vertex of BuildKit that writes a registry cache, and its status with the digest (buildkit 0.31.1, cache/remotecache/export.go). */
const cacheExport = "exporting cache to registry";
const cacheManifest = /^writing cache (?:image )?manifest (sha256:[0-9a-f]{64})$/;

/**
 * The digest of the cache manifest that a build wrote to a registry; undefined for none.
 *
 * @throws Error without a usable answer.
 */
export async function readCacheManifest(
    api: ControlApi,
    { ref }: BuildRecord,
    timeoutMs: number,
): Promise<string | undefined> {
    const answers = await api.call("Status", encode({ [status.ref]: ref }), timeoutMs);
    const exporting = answers
        .flatMap((answer) => answer.messages(status.vertexes))
        .filter((report) => report.text(vertex.name) === cacheExport)
        .map((report) => report.text(vertex.id));
    return answers
        .flatMap((answer) => answer.messages(status.transfers))
        .filter((one) => exporting.includes(one.text(transfer.vertex)))
        .filter((one) => one.timeMs(transfer.completed) !== undefined)
        .flatMap((one) => cacheManifest.exec(one.text(transfer.id))?.[1] ?? [])
        .at(-1);
}

/** The bytes that a vertex downloaded: BuildKit reports a layer again as the download goes on. */
function bytesOf(transfers: readonly Message[], id: string): number {
    const sizes = new Map<string, number>();
    for (const one of transfers) {
        const layer = one.text(transfer.id);
        if (one.text(transfer.vertex) !== id || !layer.startsWith("sha256:")) continue;
        sizes.set(layer, Math.max(sizes.get(layer) ?? 0, one.number(transfer.total)));
    }
    return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

interface ReportedVertex extends Omit<Vertex, "runs" | "bytes"> {
    /** Ends of its runs by their starts. */
    readonly ends: ReadonlyMap<number, number>;
    /**
     * Whether the build listed it before it started. BuildKit runs a step that several builds need in
     * one of them, and reports it to the others once it has started: as their own step if it is the
     * same one, else in addition to their equal step, which never starts.
     */
    readonly isOwn: boolean;
    /**
     * Whether it started again after it was cached: to fetch its layers, which its transfers show, or
     * because its cached result has none, as that of a step that restores a cache mount.
     */
    readonly runsAgain: boolean;
}

/**
 * BuildKit reports a vertex that it loaded from a cache as cached once, and again without that word
 * when it fetches the layers later.
 */
function outcomeOf(report: Message, before: StepOutcome | undefined, hasRun: boolean): StepOutcome {
    const error = report.text(vertex.error);
    if (error !== "") {
        return /context canceled/.test(error) ? StepOutcome.Stopped : StepOutcome.Failed;
    }
    if (report.number(vertex.cached) === 1 || before === StepOutcome.Cached) {
        return StepOutcome.Cached;
    }
    return hasRun ? StepOutcome.Ran : StepOutcome.Stopped;
}
