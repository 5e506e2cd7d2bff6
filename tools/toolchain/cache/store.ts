import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { newBuildFolder, publishEntry, removeEntry } from "./entry.cjs";
import { withLock } from "./lock.cjs";
import { type Check, checkEntry, STAMPS } from "./manifest.cjs";
import { cacheRoot } from "./root.cjs";

export { cacheRoot };

/** One entry of the toolchain's cache: a folder named by everything that determines its content. */
export interface Entry {
    readonly folder: string;
    /** Log file of the build; kept when the build fails. */
    readonly log: string;
}

/** Events while an entry is built. */
export interface EntryEvents {
    /** Another process builds the entry. */
    onWait(holder: string): void;
    /** The existing entry is damaged and is built again. */
    onDamaged(reason: string): void;
}

/** The entry of a piece; `determinants` is everything that determines the result. */
export function entryOf(piece: string, determinants: unknown, root = cacheRoot()): Entry {
    const name = `${piece}-${keyOf(determinants)}`;
    return { folder: join(root, name), log: join(root, "logs", `${name}.log`) };
}

function keyOf(determinants: unknown): string {
    const text = JSON.stringify([process.platform, process.arch, determinants]);
    return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

/** Whether an entry is complete, damaged or absent. */
export function checkOf(entry: Entry): Promise<Check> {
    return checkEntry(entry.folder);
}

/**
 * Builds an entry unless a complete one exists. Processes that need the same entry wait for the
 * first process. A failed build leaves nothing behind.
 *
 * @param build Fills the given folder, which is next to the entry.
 */
export async function ensureEntry(
    entry: Entry,
    events: EntryEvents,
    build: (folder: string) => Promise<void>,
): Promise<void> {
    await withLock(
        entry.folder,
        async () => {
            const check = await checkEntry(entry.folder);
            if (check.state === "good") {
                return;
            }
            if (check.state === "damaged") {
                events.onDamaged(check.reason);
                await removeEntry(entry.folder);
            }
            const built = await newBuildFolder(entry.folder);
            try {
                await build(built);
                await publishEntry(built, entry.folder);
                await removeUnused(entry);
            } catch (error) {
                await removeEntry(built);
                throw error;
            }
        },
        { onWait: (holder) => events.onWait(holder) },
    );
}

/** A build removes entries of the same piece that nothing used for this long. */
const keepMs = 30 * 24 * 60 * 60 * 1000;

/** Removes entries of older pins. Each use of an entry renews the time of its stamps file. */
async function removeUnused({ folder }: Entry): Promise<void> {
    const piece = basename(folder).replace(/[0-9a-f]+$/, "");
    for (const name of await readdir(dirname(folder))) {
        const other = join(dirname(folder), name);
        const isOfPiece = name.startsWith(piece) && /^[0-9a-f]{16}$/.test(name.slice(piece.length));
        if (isOfPiece && other !== folder && (await unusedMs(other)) > keepMs) {
            await removeEntry(other);
        }
    }
}

async function unusedMs(folder: string): Promise<number> {
    const stamps = await stat(join(folder, STAMPS)).catch(() => undefined);
    return stamps === undefined ? 0 : Date.now() - stamps.mtimeMs;
}
