import type { CacheMountsPlan } from "../cache/references";
import { RequestError, RequestErrorKind, shortReasonOf } from "../http/error";
import { judgeRestore, judgeSave, RestoreOutcome, SaveOutcome } from "../mounts/outcome";
import { attach, keep, keptIn, restoreOf, type SavedMount, savesIn } from "../mounts/records";
import type { CredentialsFor } from "./credentials";
import { locate } from "./location";
import { writeGathered } from "./mountLayers";
import { Registries, type RegistryOptions } from "./registries";
import { readCacheAt, readKnownCache, type StoredCache, writeCacheAt } from "./storedCache";

/** What became of one mount's save. */
export interface MountSave {
    readonly outcome: SaveOutcome;
    /** Size of the new layer. */
    readonly bytes: number;
    /** Size of the save before, if there is one. */
    readonly before: number | undefined;
    /** What became of the restore before the build. */
    readonly restore: RestoreOutcome;
}

/**
 * Keeps the good saves of the last build, and attaches the kept saves to the stack's cache. Reads and
 * writes only the records of steps; layers stay in place.
 *
 * @param references with signed caches, that of the candidate has the digest that BuildKit wrote
 * @param count number of mounts that the build saves
 * @returns what became of each mount, in the order of the build that saved them, or why nothing was saved.
 */
export async function keepMounts(
    references: CacheMountsPlan,
    count: number,
    credentialsFor: CredentialsFor,
    options: RegistryOptions = {},
): Promise<readonly MountSave[] | { readonly reason: string }> {
    const registries = new Registries(credentialsFor, options);
    try {
        const [candidate, kept, cache, ...others] = await Promise.all([
            readKnownCache(registries, references.candidate),
            // What is damaged there is replaced by the new save.
            readKept(registries, references.kept).catch(ignoreDamage),
            readCacheAt(registries, references.cache),
            ...references.fallbacks.map((other) => readKept(registries, other).catch(ignoreAny)),
        ]);
        if (candidate === undefined) {
            return { reason: "the build wrote no save" };
        }
        const found = savesIn(candidate.cache);
        const isKnown = found.length === count;
        const chosen = isKnown ? choose({ found, candidate, kept, others, cache }) : undefined;
        if (chosen && JSON.stringify(keep(chosen.all)) !== JSON.stringify(kept.stored?.cache)) {
            const { all, blobs } = chosen;
            const sources = [
                { reference: references.kept, stored: kept.stored },
                { reference: references.candidate, stored: candidate },
                ...references.fallbacks.map((reference, index) => ({
                    reference,
                    stored: others[index]?.stored,
                })),
            ];
            const stored = { cache: keep(all), blobs };
            await writeGathered(registries, references.kept, stored, sources);
        }
        const expected = found.map(({ record }) => record);
        const attached =
            cache && (chosen ? attachTo(cache, chosen, expected) : attachSaves(cache, kept));
        if (attached !== undefined && attached !== cache) {
            await writeCacheAt(registries, references.cache, attached);
        }
        if (chosen === undefined) {
            const reason = `their cache has ${found.length} of ${count} saves where BuildKit 0.31 has them`;
            return { reason };
        }
        const { saves } = chosen;
        return saves;
    } catch (error) {
        return { reason: shortReasonOf(error) };
    } finally {
        registries.close();
    }
}

/**
 * Drops the saves of a stack before a build that trusts no cache. A later run would keep a candidate that
 * is left from an earlier build.
 *
 * @throws as writeCacheAt
 */
export async function dropMounts(
    { kept, candidate }: CacheMountsPlan,
    credentialsFor: CredentialsFor,
    options: RegistryOptions = {},
): Promise<void> {
    const registries = new Registries(credentialsFor, options);
    try {
        for (const reference of [kept, candidate]) {
            await writeCacheAt(registries, reference, { cache: keep([]), blobs: new Map() });
        }
    } finally {
        registries.close();
    }
}

/** The saves of a scope that builds can restore. */
interface KeptSaves {
    readonly stored: StoredCache | undefined;
    readonly saves: readonly SavedMount[];
    /** Saves whose layers are missing: a build that restored such a layer would fail. */
    readonly lost: readonly SavedMount[];
}

const nothingKept: KeptSaves = { stored: undefined, saves: [], lost: [] };

/** Reads the kept saves, and checks that their layers exist. @throws as readCacheAt */
export async function readKept(registries: Registries, reference: string): Promise<KeptSaves> {
    const stored = await readCacheAt(registries, reference);
    const all = stored === undefined ? [] : keptIn(stored.cache);
    const place = locate(reference);
    const answers = await registries.ask(place, (session) =>
        Promise.all(all.map(({ blob }) => session.head(place.repository, `blobs/${blob}`))),
    );
    const isLost = (index: number) => answers[index]?.response.status === 404;
    return {
        stored,
        saves: all.filter((_, index) => !isLost(index)),
        lost: all.filter((_, index) => isLost(index)),
    };
}

/** A stack's cache with kept saves attached; the same object when it has them. */
export function attachSaves(
    cache: StoredCache,
    { stored, saves, lost }: KeptSaves = nothingKept,
): StoredCache {
    return attachTo(
        cache,
        { all: saves, blobs: stored?.blobs ?? new Map() },
        [...saves, ...lost].map(({ record }) => record),
    );
}

function attachTo(
    cache: StoredCache,
    { all, blobs }: { readonly all: readonly SavedMount[]; readonly blobs: StoredCache["blobs"] },
    expected: readonly string[],
): StoredCache {
    const attached = attach(cache.cache, all, expected);
    return JSON.stringify(attached) === JSON.stringify(cache.cache)
        ? cache
        : { cache: attached, blobs: new Map([...blobs, ...cache.blobs]) };
}

const ignoreAny = (): KeptSaves => nothingKept;

function ignoreDamage(error: unknown): KeptSaves {
    const isForeign = error instanceof RequestError && error.kind === RequestErrorKind.Protocol;
    if (!isForeign && !(error instanceof SyntaxError)) {
        throw error;
    }
    return nothingKept;
}

/** The saves of the last build, and what they may replace. */
interface Choice {
    readonly found: readonly SavedMount[];
    readonly candidate: StoredCache;
    readonly kept: KeptSaves;
    /** Saves of other scopes. */
    readonly others: readonly KeptSaves[];
    readonly cache: StoredCache | undefined;
}

/** Judges each new save, and chooses between it, the kept one, and that of another scope. */
function choose({ found, candidate, kept, others, cache }: Choice) {
    const saveOf = (source: KeptSaves, { record }: SavedMount) =>
        source.saves.find((one) => one.record === record);
    const sources = [...others.toReversed(), kept];
    const blobs = new Map(
        [...sources.map(({ stored }) => stored?.blobs ?? new Map()), candidate.blobs].flatMap(
            (known) => [...known],
        ),
    );
    const saves: MountSave[] = [];
    const all: SavedMount[] = [];
    for (const one of found) {
        const old = saveOf(kept, one);
        const bytes = sizeOf(blobs, one.blob);
        const restore = restoredBy(cache, one.record, kept);
        const before = old === undefined ? undefined : sizeOf(blobs, old.blob);
        const holdsBack = restore === RestoreOutcome.Done && !isSecond(one, old?.smaller);
        const outcome = judgeSave(bytes, holdsBack ? before : undefined);
        saves.push({ outcome, bytes, before, restore });
        // The build packs no mount that is like the save of another scope.
        const [other] = others.flatMap((source) => saveOf(source, one) ?? []);
        const serves =
            old ?? (outcome === SaveOutcome.Empty && other && { ...other, smaller: undefined });
        if (outcome === SaveOutcome.Saved) all.push(one);
        else if (outcome === SaveOutcome.Shrunk && old) all.push({ ...old, smaller: one });
        else if (serves) all.push(serves);
    }
    return { saves, all, blobs };
}

/** Whether a save differs from the much smaller one before it. */
function isSecond({ blob }: SavedMount, smaller: SavedMount["smaller"]): boolean {
    return smaller !== undefined && smaller.blob !== blob;
}

/** What became of a restore. A result that is older than the last save is from an earlier run. */
function restoredBy(
    cache: StoredCache | undefined,
    source: string,
    { saves, lost }: KeptSaves,
): RestoreOutcome {
    const result = cache && restoreOf(cache.cache, source);
    const save = [...saves, ...lost].find(({ record }) => record === source);
    if (cache === undefined || result === undefined) return RestoreOutcome.Done;
    if (save !== undefined && Date.parse(save.createdAt) > Date.parse(result.createdAt)) {
        return RestoreOutcome.Done;
    }
    return save !== undefined && lost.includes(save)
        ? RestoreOutcome.Missing
        : judgeRestore(sizeOf(cache.blobs, result.blob));
}

function sizeOf(blobs: StoredCache["blobs"], blob: string): number {
    const size = blobs.get(blob)?.["size"];
    return typeof size === "number" ? size : 0;
}
