import { askBuildctl } from "./buildctl";

/** One step of a build as BuildKit recorded it. */
export interface Vertex {
    /** `[build 4/7] RUN go mod download`. */
    readonly name: string;
    /** Whether its result came from a cache. */
    readonly cached: boolean;
    /**
     * Time from its first start to its end, in milliseconds; undefined for a step that BuildKit never
     * starts, since another build shares it at the same time.
     */
    readonly ms?: number;
    readonly error?: string;
}

/** One build as BuildKit recorded it. */
export interface BuildRecord {
    readonly ref: string;
    readonly target: string;
    /** Start and end of the build, in milliseconds since 1970. */
    readonly startedMs: number;
    readonly endedMs: number;
    readonly vertices: readonly Vertex[];
    /** What the steps printed. */
    readonly output: string;
    /** Digests of layers that were unpacked. */
    readonly unpacked: readonly string[];
    /** Time that BuildKit spent on unpacking them, one after the other, in milliseconds. */
    readonly unpackMs: number;
}

/** What became of a step. */
export type StepState = "cached" | "built" | "failed";

/** A BuildKit and the client that asks it. */
export interface BuildkitAccess {
    readonly buildctl: string;
    readonly buildkitAddress: string;
}

/** Runs `action` and gives, with its result, the record of every build it made, oldest first. */
export async function recordBuilds<T>(
    buildkit: BuildkitAccess,
    action: () => Promise<T>,
): Promise<{ result: T; builds: readonly BuildRecord[] }> {
    const before = new Set((await listBuilds(buildkit)).map(({ ref }) => ref));
    const result = await action();
    const made = (await listBuilds(buildkit)).filter(({ ref }) => !before.has(ref));
    const builds = await Promise.all(
        made.map(async (build) => ({ ...build, ...(await readProgress(buildkit, build.ref)) })),
    );
    return { result, builds };
}

/**
 * The steps that the Dockerfile asked for, by their text without stage and position: `RUN x`. A
 * slice of one stage has steps without a stage's name, so names would depend on the slice.
 */
export function stepsOf({ vertices }: BuildRecord): Record<string, StepState> {
    const found = vertices.flatMap(({ name, cached, ms, error }) => {
        const match = /^\[(?!internal|auth)(?:.+? )?\d+\/\d+\] (.*)$/s.exec(name);
        // A FROM is never recorded as cached: it is a source, not a step.
        if (match?.[1] === undefined || match[1].startsWith("FROM ")) {
            return [];
        }
        const ran = ms !== undefined && !cached;
        return [[match[1], error !== undefined ? "failed" : ran ? "built" : "cached"] as const];
    });
    return Object.fromEntries(found);
}

async function listBuilds(
    buildkit: BuildkitAccess,
): Promise<Pick<BuildRecord, "ref" | "target" | "startedMs" | "endedMs">[]> {
    const stdout = await buildctl(buildkit, "histories", "--format", "{{json .}}");
    return stdout
        .split("\n")
        .filter((line) => line.trim() !== "")
        .map((line) => {
            const { record } = JSON.parse(line);
            return {
                ref: String(record.Ref),
                target: String(record.FrontendAttrs?.target ?? ""),
                startedMs: toMs(record.CreatedAt),
                endedMs: toMs(record.CompletedAt ?? record.CreatedAt),
            };
        })
        .sort((left, right) => left.startedMs - right.startedMs);
}

/** A timestamp of a protocol buffer; a field that is 0 is absent. */
function toMs({ seconds = 0, nanos = 0 }: { seconds?: number; nanos?: number }): number {
    return seconds * 1000 + nanos / 1e6;
}

/**
 * A vertex is reported each time its state changes. One that was loaded from a cache is reported as
 * such once, and again without that word when its layers are fetched later, so one report that says
 * so counts, unless the loading failed.
 */
async function readProgress(
    buildkit: BuildkitAccess,
    ref: string,
): Promise<Pick<BuildRecord, "vertices" | "output" | "unpacked" | "unpackMs">> {
    const stdout = await buildctl(buildkit, "logs", "--progress", "rawjson", ref);
    const found = new Map<string, Vertex>();
    const starts = new Map<string, number>();
    const unpacked = new Map<string, number>();
    let output = "";
    for (const line of stdout.split("\n").filter((text) => text.trim() !== "")) {
        const { vertexes, statuses, logs } = JSON.parse(line);
        for (const { digest, name, cached, started, completed, error } of vertexes ?? []) {
            const loaded = cached === true && !error;
            const before = found.get(digest);
            const from = starts.get(digest) ?? Date.parse(started);
            if (started) starts.set(digest, from);
            const ms = started ? Date.parse(completed ?? started) - from : before?.ms;
            found.set(digest, {
                name,
                cached: loaded || before?.cached === true,
                ...(ms === undefined ? {} : { ms }),
                ...(error ? { error } : {}),
            });
        }
        for (const { data } of logs ?? []) {
            output += Buffer.from(data, "base64").toString("utf8");
        }
        for (const { id, started, completed } of statuses ?? []) {
            const match = /^extracting (sha256:[0-9a-f]+)$/.exec(id);
            if (match?.[1] !== undefined) {
                const tookMs = completed ? Date.parse(completed) - Date.parse(started) : 0;
                unpacked.set(match[1], tookMs);
            }
        }
    }
    return {
        vertices: [...found.values()],
        output,
        unpacked: [...unpacked.keys()],
        unpackMs: [...unpacked.values()].reduce((sum, tookMs) => sum + tookMs, 0),
    };
}

function buildctl(buildkit: BuildkitAccess, ...args: string[]): Promise<string> {
    return askBuildctl(buildkit.buildctl, ["--addr", buildkit.buildkitAddress, "debug", ...args]);
}
