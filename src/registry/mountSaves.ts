import { RequestError } from "../http/error";
import { judgeSave, SaveOutcome } from "../mounts/outcome";
import { attach, keep, keptIn, type SavedMount, savesIn } from "../mounts/records";
import type { CredentialsFor } from "./credentials";
import { Registries, type RegistryOptions } from "./registries";
import { readCacheAt, type StoredCache, writeCacheAt } from "./storedCache";

/** Where a stack keeps the content of its cache mounts; tags of one repository. */
export interface MountReferences {
    /** Written by the build that saves mounts. */
    readonly candidate: string;
    /** The last good save of each mount. */
    readonly kept: string;
    /** The stack's cache, whose steps restore the mounts. */
    readonly cache: string;
}

/** What became of one mount's save. */
export interface MountSave {
    readonly outcome: SaveOutcome;
    /** Size of the new layer. */
    readonly bytes: number;
    /** Size of the save before, if there is one. */
    readonly before: number | undefined;
}

/**
 * Keeps the good saves of the last build, and attaches the kept saves to the stack's cache. Reads and
 * writes only the records of steps; layers stay in place.
 *
 * @returns what became of each mount, in the order of the build that saved them, or why nothing was saved.
 */
export async function keepMounts(
    references: MountReferences,
    credentialsFor: CredentialsFor,
    options: RegistryOptions = {},
): Promise<readonly MountSave[] | { readonly reason: string }> {
    const registries = new Registries(credentialsFor, options);
    const read = (reference: string) => readCacheAt(registries, reference);
    try {
        const [candidate, kept, cache] = await Promise.all([
            read(references.candidate),
            // What is damaged there is replaced by the new save.
            read(references.kept).catch(ignoreDamage),
            read(references.cache),
        ]);
        if (candidate === undefined) {
            return { reason: "the build wrote no save" };
        }
        const { saves, all, blobs } = choose(candidate, kept);
        if (JSON.stringify(keep(all)) !== JSON.stringify(kept?.cache)) {
            await writeCacheAt(registries, references.kept, { cache: keep(all), blobs });
        }
        const expected = savesIn(candidate.cache).map(({ record }) => record);
        const attached = cache && attachTo(cache, { all, blobs }, expected);
        if (attached !== undefined && attached !== cache) {
            await writeCacheAt(registries, references.cache, attached);
        }
        return saves;
    } catch (error) {
        return { reason: error instanceof RequestError ? error.reason : String(error) };
    } finally {
        registries.close();
    }
}

/** A stack's cache with kept saves attached; the same object when it has them. */
export function attachSaves(cache: StoredCache, kept: StoredCache | undefined): StoredCache {
    const all = kept === undefined ? [] : keptIn(kept.cache);
    const { blobs = new Map() } = kept ?? {};
    return attachTo(
        cache,
        { all, blobs },
        all.map(({ record }) => record),
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

function ignoreDamage(error: unknown): undefined {
    if (!(error instanceof SyntaxError)) {
        throw error;
    }
}

/** Judges each new save, and chooses between it and the kept one. */
function choose(candidate: StoredCache, kept: StoredCache | undefined) {
    const olds = new Map(
        kept === undefined ? [] : keptIn(kept.cache).map((one) => [one.record, one]),
    );
    const blobs = new Map([...(kept?.blobs ?? []), ...candidate.blobs]);
    const saves: MountSave[] = [];
    const all: SavedMount[] = [];
    for (const found of savesIn(candidate.cache)) {
        const old = olds.get(found.record);
        const bytes = sizeOf(blobs, found.blob);
        const before = old === undefined ? undefined : sizeOf(blobs, old.blob);
        const outcome = judgeSave(bytes, before);
        const chosen = outcome === SaveOutcome.Saved ? found : old;
        saves.push({ outcome, bytes, before });
        all.push(...(chosen === undefined ? [] : [chosen]));
    }
    return { saves, all, blobs };
}

function sizeOf(blobs: StoredCache["blobs"], blob: string): number {
    const size = blobs.get(blob)?.["size"];
    return typeof size === "number" ? size : 0;
}
