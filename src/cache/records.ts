/**
 * A cache as BuildKit keeps it in a registry: which steps it knows, how one follows on another, and
 * the layers of each. Mirrors buildkit 0.31.1, cache/remotecache/v1/types/types.go.
 */
export interface CacheRecords {
    readonly layers: readonly CacheLayer[];
    readonly records: readonly CacheRecord[];
}

/** A layer and the one below it. */
export interface CacheLayer {
    /** Digest of the blob. */
    readonly blob: string;
    /** Position of the layer below; -1 for the lowest. */
    readonly parent: number;
}

/** One step. Records link to records, by position. */
export interface CacheRecord {
    readonly digest: string;
    /** For each of the step's inputs, the records that may stand for it. */
    readonly inputs: readonly (readonly CacheLink[])[];
    /** What the step made, as the topmost of its layers. */
    readonly layers: readonly { readonly layer: number; readonly createdAt: string }[];
    /** What the step made, as a list of all its layers. */
    readonly chains: readonly { readonly layers: readonly number[]; readonly createdAt: string }[];
}

/** A record that an input may come from, and which part of it. */
export interface CacheLink {
    readonly link: number;
    readonly selector: string;
}

/** A cache that knows what several know, and how much the first lacks of it. */
export interface MergedRecords {
    readonly merged: CacheRecords;
    /** Records with layers that the first does not have, or has without layers: what a build can use. */
    readonly added: number;
}

/**
 * Makes one cache of several, so that BuildKit asks a single importer: of several it keeps one
 * answer for each step and loses what the others have behind it (docs/adr/0002). What an earlier
 * cache has layers for is taken from it.
 *
 * @throws RangeError when a record or a layer follows on itself, or on one that is not there.
 */
export function mergeRecords(caches: readonly CacheRecords[]): MergedRecords {
    const merger = new Merger();
    let added = 0;
    for (const [index, cache] of caches.entries()) {
        const taken = merger.take(cache);
        added += index === 0 ? 0 : taken;
    }
    return { merged: merger.merged(), added };
}

interface OpenRecord {
    readonly digest: string;
    readonly inputs: CacheRecord["inputs"];
    layers: CacheRecord["layers"];
    chains: CacheRecord["chains"];
}

/** Puts caches into one; the same step, reached the same way, is one record. */
class Merger {
    private readonly layers: CacheLayer[] = [];
    private readonly records: OpenRecord[] = [];
    private readonly layerAt = new Map<string, number>();
    private readonly recordAt = new Map<string, number>();

    merged(): CacheRecords {
        return { layers: this.layers, records: this.records };
    }

    /** Takes a cache in. @returns how many records came with layers that were not known. */
    take(cache: CacheRecords): number {
        const layer = memoize((position: number): number => {
            if (position === -1) {
                return -1;
            }
            const { blob, parent } = at(cache.layers, position, "layer");
            return this.place(this.layers, this.layerAt, { blob, parent: layer(parent) });
        });
        let added = 0;
        const record = memoize((position: number): number => {
            const { digest, inputs, layers, chains } = at(cache.records, position, "record");
            const placed = this.place<OpenRecord, Pick<OpenRecord, "digest" | "inputs">>(
                this.records,
                this.recordAt,
                { digest, inputs: inputs.map((links) => relink(links, record)) },
                (key) => ({ ...key, layers: [], chains: [] }),
            );
            const open = at(this.records, placed, "record");
            const isBare = open.layers.length + open.chains.length === 0;
            const brings = layers.length + chains.length > 0;
            if (isBare && brings) {
                open.layers = layers.map((one) => ({ ...one, layer: layer(one.layer) }));
                open.chains = chains.map((one) => ({ ...one, layers: one.layers.map(layer) }));
                added++;
            }
            return placed;
        });
        for (const position of cache.records.keys()) {
            record(position);
        }
        return added;
    }

    private place<T extends K, K>(
        list: T[],
        known: Map<string, number>,
        key: K,
        make: (key: K) => T = (one) => one as T,
    ): number {
        const text = JSON.stringify(key);
        const found = known.get(text);
        if (found !== undefined) {
            return found;
        }
        known.set(text, list.length);
        return list.push(make(key)) - 1;
    }
}

/** Links to the merged cache's records, in an order that does not hang on the order of records. */
function relink(links: readonly CacheLink[], record: (position: number) => number): CacheLink[] {
    return links
        .map(({ link, selector }) => ({ link: record(link), selector }))
        .sort((a, b) => a.link - b.link || (a.selector < b.selector ? -1 : 1));
}

function at<T>(list: readonly T[], position: number, what: string): T {
    const found = list[position];
    if (found === undefined) {
        throw new RangeError(`there is no ${what} ${position} in the cache`);
    }
    return found;
}

/** Runs `work` once for each position, and refuses to run it inside of itself. */
function memoize(work: (position: number) => number): (position: number) => number {
    const done = new Map<number, number | undefined>();
    return (position) => {
        const known = done.get(position);
        if (known !== undefined) {
            return known;
        }
        if (done.has(position)) {
            throw new RangeError(`${position} in the cache follows on itself`);
        }
        done.set(position, undefined);
        const result = work(position);
        done.set(position, result);
        return result;
    };
}
