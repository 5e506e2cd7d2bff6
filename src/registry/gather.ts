import { mergeRecords } from "../cache/records";
import type { CacheGathering } from "../cache/references";
import { shortReasonOf } from "../http/error";
import type { CredentialsFor } from "./credentials";
import { writeGathered } from "./mountLayers";
import { attachSaves, readKept } from "./mountSaves";
import { Registries, type RegistryOptions } from "./registries";
import { readCacheAt, type StoredCache } from "./storedCache";

/** Result of gathering caches into one. */
export type Gathered =
    /** The stack's cache now includes these caches; empty when it already had everything. */
    | { readonly from: readonly string[] }
    /** Why no cache could be taken over. */
    | { readonly reason: string };

/** Options of {@link gatherCaches}. */
interface GatherOptions extends RegistryOptions {
    /**
     * Whether to write the stack's cache although there is nothing to add: content trust refuses to let
     * a build push over an unsigned tag. @default false
     */
    readonly replaces?: boolean | undefined;
}

/**
 * Copies the records of other caches of the same registry into a stack's cache. Reads and writes only
 * the records of steps: layers stay in place, and the registry links those of other repositories.
 * Never throws: skips other caches that it cannot read, and never overwrites a stack's cache that it
 * cannot read. Attaches the saves of cache mounts again, in case the run that wrote the cache was
 * interrupted before it did.
 */
export async function gatherCaches(
    { into, from, kept }: CacheGathering,
    credentialsFor: CredentialsFor,
    options: GatherOptions = {},
): Promise<Gathered> {
    const registries = new Registries(credentialsFor, options);
    try {
        const read = (reference: string) => readCacheAt(registries, reference);
        // The cache report explains what is wrong with these.
        const readOther = (reference: string) => read(reference).catch(() => undefined);
        const [found, saves, ...others] = await Promise.all([
            read(into),
            kept === undefined ? undefined : readKept(registries, kept).catch(() => undefined),
            ...from.map(readOther),
        ]);
        const own = found === undefined ? undefined : attachSaves(found, saves);
        const caches = from.flatMap((reference, index) => {
            const cache = others[index];
            return cache === undefined ? [] : [{ reference, cache }];
        });
        const merged = merge(own, caches);
        if (merged.from.length > 0 || own !== found || options.replaces) {
            const places = caches.map(({ reference, cache }) => ({ reference, stored: cache }));
            const all = [{ reference: into, stored: own }, ...places];
            await writeGathered(registries, into, merged, all);
        }
        return { from: merged.from };
    } catch (error) {
        return { reason: shortReasonOf(error) };
    } finally {
        registries.close();
    }
}

const none: StoredCache = { cache: { layers: [], records: [] }, blobs: new Map() };

/** Merges caches into the stack's cache one by one, and returns those that added records. */
function merge(
    own: StoredCache = none,
    found: readonly { readonly reference: string; readonly cache: StoredCache }[],
): StoredCache & { readonly from: readonly string[] } {
    const from: string[] = [];
    let all = own;
    for (const { reference, cache } of found) {
        try {
            const { merged, added } = mergeRecords([all.cache, cache.cache]);
            if (added > 0) {
                from.push(reference);
                all = { cache: merged, blobs: new Map([...cache.blobs, ...all.blobs]) };
            }
        } catch (error) {
            if (!(error instanceof RangeError)) {
                throw error;
            }
        }
    }
    return { ...all, from };
}
