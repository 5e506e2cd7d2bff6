/**
 * A cache as BuildKit stores it in a registry: its steps, the links between them, and the layers of
 * each step. Mirrors buildkit 0.31.1, cache/remotecache/v1/types/types.go.
 */
export interface CacheRecords {
    readonly layers: readonly CacheLayer[];
    readonly records: readonly CacheRecord[];
}

/** A layer and its parent. */
export interface CacheLayer {
    /** Digest of the blob. */
    readonly blob: string;
    /** Position of the parent layer; -1 for the lowest layer. */
    readonly parent: number;
}

/** One step. Records link to other records by position. */
export interface CacheRecord {
    readonly digest: string;
    /** For each input of the step, the records that match it. */
    readonly inputs: readonly (readonly CacheLink[])[];
    /** Results of the step, each as its topmost layer. */
    readonly layers: readonly { readonly layer: number; readonly createdAt: string }[];
    /** Results of the step, each as the list of its layers. */
    readonly chains: readonly { readonly layers: readonly number[]; readonly createdAt: string }[];
}

/** A record that matches an input, and the number of the output that matches. */
export interface CacheLink {
    readonly link: number;
    readonly selector: string;
}

/** The merged cache, and how much it adds to the first cache. */
export interface MergedRecords {
    readonly merged: CacheRecords;
    /** Number of records with layers that the first cache lacks, or has without layers. */
    readonly added: number;
}

/**
 * Merges several caches into one, so that BuildKit asks a single importer: with several importers it
 * keeps one answer per step and loses what the others have for later steps (docs/adr/0002). If several
 * caches have layers for a step, the earliest cache wins.
 *
 * @throws RangeError when a record or a layer depends on itself or on a missing one.
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

/** Merges caches; equal steps with equal inputs become one record. */
class Merger {
    private readonly layers: CacheLayer[] = [];
    private readonly records: OpenRecord[] = [];
    private readonly layerAt = new Map<string, number>();
    private readonly recordAt = new Map<string, number>();

    merged(): CacheRecords {
        return { layers: this.layers, records: this.records };
    }

    /** Adds a cache. @returns the number of records that brought new layers. */
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

/** Links to the merged cache's records, in an order that does not depend on the order of records. */
function relink(links: readonly CacheLink[], record: (position: number) => number): CacheLink[] {
    return links
        .map(({ link, selector }) => ({ link: record(link), selector }))
        .sort((a, b) => a.link - b.link || (a.selector < b.selector ? -1 : 1));
}

function at<T>(list: readonly T[], position: number, what: string): T {
    const found = list[position];
    if (found === undefined) {
        throw new RangeError(`the cache has no ${what} ${position}`);
    }
    return found;
}

/** Runs `work` once for each position; rejects cycles. */
function memoize(work: (position: number) => number): (position: number) => number {
    const done = new Map<number, number | undefined>();
    return (position) => {
        const known = done.get(position);
        if (known !== undefined) {
            return known;
        }
        if (done.has(position)) {
            throw new RangeError(`${position} in the cache depends on itself`);
        }
        done.set(position, undefined);
        const result = work(position);
        done.set(position, result);
        return result;
    };
}
