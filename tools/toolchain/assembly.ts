import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { makeFolder } from "./cache/folder.cjs";
import { checkOf, type Entry, ensureEntry, entryOf } from "./cache/store";
import { expectationOf } from "./expectation";
import { explainFailure, ToolchainError } from "./failure";
import type { Lanes } from "./lanes";
import type { MachineFind, Piece } from "./piece";
import type { Progress } from "./progress";
import type { Tools } from "./toolset";

/** Where a piece is before anything is built. */
export type Standing =
    | { readonly source: "machine"; readonly find: MachineFind }
    | { readonly source: "cache"; readonly entry: Entry }
    | { readonly source: "missing"; readonly entry: Entry };

/** Looks for a piece on the machine, then in the cache. */
export async function standingOf(piece: Piece, root: string): Promise<Standing> {
    const find = await piece.findOnMachine?.();
    if (find !== undefined) {
        return { source: "machine", find };
    }
    const entry = entryOf(piece.name, await piece.determinants(), root);
    const { state } = await checkOf(entry);
    return { source: state === "good" ? "cache" : "missing", entry };
}

/** What all pieces of one run share. */
export interface Assembly {
    /** Folder of the toolchain's cache. */
    readonly root: string;
    readonly lanes: Lanes;
    readonly progress: Progress;
}

/**
 * Provides pieces, and builds those that are neither on the machine nor in the cache. Reports all
 * obstacles together before the first build. The first failure aborts the other builds.
 *
 * @throws ToolchainError
 */
export async function assemble(pieces: readonly Piece[], run: Assembly): Promise<Partial<Tools>> {
    const standings = await Promise.all(pieces.map((piece) => standingOf(piece, run.root)));
    const tools: Partial<Tools>[] = [];
    const missing: [Piece, Entry][] = [];
    pieces.forEach((piece, index) => {
        const standing = standings[index];
        if (standing?.source === "machine") {
            tools.push(standing.find.tools);
        } else if (standing !== undefined) {
            tools.push(piece.toolsIn(standing.entry.folder));
            if (standing.source === "missing") {
                missing.push([piece, standing.entry]);
            }
        }
    });
    const needed = await neededPieces(missing, run.root);
    await refuseObstacles([...needed, ...missing].map(([piece]) => piece));
    await buildAll([...needed, ...missing], run);
    return Object.assign({}, ...tools);
}

async function neededPieces(
    missing: readonly [Piece, Entry][],
    root: string,
): Promise<[Piece, Entry][]> {
    const needed: [Piece, Entry][] = [];
    for (const piece of missing.flatMap(([{ needs }]) => needs ?? [])) {
        const standing = await standingOf(piece, root);
        if (standing.source === "missing") {
            needed.push([piece, standing.entry]);
        }
    }
    return needed;
}

async function refuseObstacles(missing: readonly Piece[]): Promise<void> {
    const byObstacle = new Map<string, string[]>();
    for (const piece of missing) {
        const obstacle = await piece.obstacle();
        if (obstacle !== undefined) {
            byObstacle.set(obstacle, [...(byObstacle.get(obstacle) ?? []), piece.title]);
        }
    }
    if (byObstacle.size > 0) {
        const lines = [...byObstacle].map(
            ([obstacle, titles]) => `${titles.join(", ")}: ${obstacle}.`,
        );
        throw new ToolchainError(lines.join("\n"));
    }
}

async function buildAll(missing: readonly [Piece, Entry][], run: Assembly): Promise<void> {
    if (missing.length === 0) {
        return;
    }
    const titles = missing.map(([piece]) => piece.title).join(", ");
    run.progress.line(`building ${titles} once, in ${run.root}`);
    for (const line of expectationOf(missing.map(([piece]) => piece))) run.progress.line(line);
    const abort = new AbortController();
    const onSignal = (signal: NodeJS.Signals) =>
        abort.abort(
            new ToolchainError(`interrupted by ${signal}; finished builds stay in the cache`),
        );
    process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
    const jobs = new Map<string, Promise<void>>();
    for (const [piece, entry] of missing) {
        const names = [...(piece.after ?? []), ...(piece.needs ?? []).map(({ name }) => name)];
        const before = names.map((name) => jobs.get(name));
        const job = Promise.all(before).then(() => buildOne(piece, entry, abort, run));
        jobs.set(piece.name, job);
    }
    const outcomes = await Promise.allSettled(jobs.values());
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
    if (abort.signal.aborted) {
        throw abort.signal.reason;
    }
    for (const outcome of outcomes) {
        if (outcome.status === "rejected") {
            throw outcome.reason;
        }
    }
}

async function buildOne(
    piece: Piece,
    entry: Entry,
    abort: AbortController,
    run: Assembly,
): Promise<void> {
    abort.signal.throwIfAborted();
    const step = run.progress.start(piece.title);
    try {
        await makeFolder(dirname(entry.log));
        await ensureEntry(
            entry,
            {
                onWait: (holder) =>
                    step.note(`waiting for process ${holder}, which is building this piece`),
                onDamaged: (reason) =>
                    step.note(`the cached copy is damaged (${reason}); building again`),
            },
            async (folder) => {
                const { lanes } = run;
                const { signal } = abort;
                await rm(entry.log, { force: true });
                await piece.build({
                    folder,
                    lanes,
                    log: entry.log,
                    signal,
                    folderOf: async (needed) =>
                        entryOf(needed.name, await needed.determinants(), run.root).folder,
                    phase: (doing) => step.phase(doing),
                });
            },
        );
        await rm(entry.log, { force: true });
        step.done();
    } catch (error) {
        step.failed();
        if (!abort.signal.aborted) {
            abort.abort(
                await explainFailure(error, {
                    piece: piece.title,
                    cacheFolder: run.root,
                    log: existsSync(entry.log) ? entry.log : undefined,
                    folders: (await piece.folders?.()) ?? {},
                    origin: await piece.origin(),
                }),
            );
        }
        throw error;
    }
}
