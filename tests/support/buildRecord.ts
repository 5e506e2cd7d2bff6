import assert from "node:assert/strict";
import { askBuildctl } from "./buildctl";
import type { Lab } from "./lab";

/** One step of a build as BuildKit recorded it. */
export interface Vertex {
    /** `[build 4/7] RUN go mod download`. */
    readonly name: string;
    /** Whether its result came from a cache. */
    readonly cached: boolean;
    readonly error?: string;
}

/** One build as BuildKit recorded it. */
export interface BuildRecord {
    readonly ref: string;
    readonly target: string;
    readonly vertices: readonly Vertex[];
    /** Digests of layers that were unpacked. */
    readonly unpacked: readonly string[];
}

type BuildkitAccess = Pick<Lab, "buildctl" | "buildkitAddress">;

/** Runs `action` and gives, with its result, the record of every build it made, oldest first. */
export async function recordBuilds<T>(
    lab: BuildkitAccess,
    action: () => Promise<T>,
): Promise<{ result: T; builds: readonly BuildRecord[] }> {
    const before = new Set((await listBuilds(lab)).map(({ ref }) => ref));
    const result = await action();
    const made = (await listBuilds(lab)).filter(({ ref }) => !before.has(ref));
    const builds = await Promise.all(
        made.map(async (build) => ({ ...build, ...(await readProgress(lab, build.ref)) })),
    );
    return { result, builds };
}

/**
 * The steps that the Dockerfile asked for, by their text without stage and position: `RUN x`. A
 * slice of one stage has steps without a stage's name, so names would tell of the slice.
 */
export function steps(
    record: BuildRecord | undefined,
): Record<string, "cached" | "built" | "failed"> {
    assert.ok(record, "there is such a build");
    const found = record.vertices.flatMap(({ name, cached, error }) => {
        const match = /^\[(?!internal|auth)(?:.+? )?\d+\/\d+\] (.*)$/s.exec(name);
        // A FROM is never recorded as cached: it is a source, not a step.
        if (match?.[1] === undefined || match[1].startsWith("FROM ")) {
            return [];
        }
        return [[match[1], error !== undefined ? "failed" : cached ? "cached" : "built"] as const];
    });
    return Object.fromEntries(found);
}

async function listBuilds(
    lab: BuildkitAccess,
): Promise<{ ref: string; target: string; createdSeconds: number }[]> {
    const stdout = await buildctl(lab, "histories", "--format", "{{json .}}");
    return stdout
        .split("\n")
        .filter((line) => line.trim() !== "")
        .map((line) => {
            const { record } = JSON.parse(line);
            return {
                ref: String(record.Ref),
                target: String(record.FrontendAttrs?.target ?? ""),
                createdSeconds: record.CreatedAt.seconds + record.CreatedAt.nanos / 1e9,
            };
        })
        .sort((left, right) => left.createdSeconds - right.createdSeconds);
}

/**
 * A vertex is reported each time its state changes. One that was loaded from a cache is reported as
 * such once, and again without that word when its layers are fetched later, so one report that says
 * so counts, unless the loading failed.
 */
async function readProgress(
    lab: BuildkitAccess,
    ref: string,
): Promise<Pick<BuildRecord, "vertices" | "unpacked">> {
    const stdout = await buildctl(lab, "logs", "--progress", "rawjson", ref);
    const found = new Map<string, Vertex>();
    const unpacked = new Set<string>();
    for (const line of stdout.split("\n").filter((text) => text.trim() !== "")) {
        const { vertexes, statuses } = JSON.parse(line);
        for (const { digest, name, cached, error } of vertexes ?? []) {
            const loaded = cached === true && !error;
            found.set(digest, {
                name,
                cached: loaded || found.get(digest)?.cached === true,
                ...(error ? { error } : {}),
            });
        }
        for (const { id } of statuses ?? []) {
            const match = /^extracting (sha256:[0-9a-f]+)$/.exec(id);
            if (match?.[1] !== undefined) {
                unpacked.add(match[1]);
            }
        }
    }
    return { vertices: [...found.values()], unpacked: [...unpacked] };
}

function buildctl(lab: BuildkitAccess, ...args: string[]): Promise<string> {
    return askBuildctl(lab.buildctl, ["--addr", lab.buildkitAddress, "debug", ...args]);
}
