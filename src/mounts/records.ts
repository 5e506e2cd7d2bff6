import type { CacheRecord, CacheRecords } from "../cache/records";

/** A layer that a step has made. */
interface MadeLayer {
    /** Digest of the layer. */
    readonly blob: string;
    readonly createdAt: string;
}

/** A layer with the content of a cache mount. */
export interface SavedMount extends MadeLayer {
    /** Digest of the record that gets the layer as its result. */
    readonly record: string;
    /** A much smaller save from later, which did not replace this one. */
    readonly smaller?: MadeLayer;
}

/** Maximum number of saves of a scope, and of links to follow from one record. */
const savesMax = 500;
const linksMax = 100;

/**
 * The layers of a build that saves cache mounts (stages.ts), each with the record that it belongs to,
 * in the order of the mounts: each layer lies on top of the previous one. The record is that of the
 * empty stage which restores read; its digest does not depend on the build.
 */
export function savesIn({ layers, records }: CacheRecords): readonly SavedMount[] {
    const depths = depthsOf(layers);
    const known = new Map<CacheRecord, string | undefined>();
    const emptyStage = (step: CacheRecord) => {
        if (!known.has(step)) known.set(step, emptyStageOf(step, records));
        return known.get(step);
    };
    return records
        .flatMap(({ inputs, layers: [result] }) => {
            const blob = layers[result?.layer ?? -1]?.blob;
            const links = inputs.flat().slice(0, linksMax);
            const packing = links.flatMap(({ link }) => records[link] ?? []);
            const found = packing.map(emptyStage);
            const [record] = new Set(found.filter((digest) => digest !== undefined));
            return result === undefined || blob === undefined || record === undefined
                ? []
                : [{ record, blob, ...result }];
        })
        .slice(0, savesMax)
        .sort((a, b) => (depths.get(a.layer) ?? 0) - (depths.get(b.layer) ?? 0))
        .map(({ record, blob, createdAt }) => ({ record, blob, createdAt }));
}

/** How many layers each layer lies on. Ends where a layer lies on itself. */
function depthsOf(layers: CacheRecords["layers"]): ReadonlyMap<number, number> {
    const depths = new Map<number, number>();
    for (const top of layers.keys()) {
        const stack: { readonly at: number; readonly parent: number }[] = [];
        let at = top;
        while (!depths.has(at)) {
            const layer = layers[at];
            if (layer === undefined) break;
            depths.set(at, 0);
            stack.push({ at, parent: layer.parent });
            at = layer.parent;
        }
        for (const { at, parent } of stack.reverse()) {
            depths.set(at, (depths.get(parent) ?? -1) + 1);
        }
    }
    return depths;
}

/**
 * The digest of the empty stage among the inputs of the step that packs a mount. The step uses the
 * whole of two inputs: of its image, to which a folder was added, and of the empty stage, which has
 * no inputs. With `uid`, `gid` or `mode`, the mount is a folder of a third input.
 *
 * @returns undefined unless there is exactly one
 */
function emptyStageOf({ inputs }: CacheRecord, records: CacheRecords["records"]) {
    const links = inputs.flat().slice(0, linksMax);
    const sources = links.flatMap(({ link, selector }) => {
        const record = records[link];
        // A link without a selector leads to the key of the content, which changes with each save.
        return record === undefined || selector === "" ? [] : [{ record, selector }];
    });
    const isEmpty = ({ record }: (typeof sources)[number]) => record.inputs.length === 0;
    const whole = sources.filter((one) => !isEmpty(one)).map(({ selector }) => selector);
    const empty = sources.filter((one) => isEmpty(one) && whole.includes(one.selector));
    const [digest, ...more] = new Set(empty.map(({ record }) => record.digest));
    return more.length === 0 ? digest : undefined;
}

/** A cache with saved mounts alone, in which {@link keptIn} finds them again. */
export function keep(saves: readonly SavedMount[]): CacheRecords {
    const blobs = saves.flatMap(({ blob, smaller }) => [blob, ...(smaller ? [smaller.blob] : [])]);
    const result = ({ blob, createdAt }: MadeLayer) => ({ layer: blobs.indexOf(blob), createdAt });
    return {
        layers: blobs.map((blob) => ({ blob, parent: -1 })),
        records: saves.map((save) => ({
            digest: save.record,
            inputs: [],
            layers: [save, ...(save.smaller ? [save.smaller] : [])].map(result),
            chains: [],
        })),
    };
}

/** The saved mounts in a cache of {@link keep}. */
export function keptIn({ layers, records }: CacheRecords): readonly SavedMount[] {
    const saves = records.flatMap(({ digest, layers: results }) => {
        const [save, smaller] = madeLayers(layers, results);
        return save === undefined ? [] : [{ record: digest, ...save, ...(smaller && { smaller }) }];
    });
    return saves.slice(0, savesMax);
}

/** The layer of the step that restored a mount, by the digest of the record that the step reads. */
export function restoreOf(
    { layers, records }: CacheRecords,
    source: string,
): MadeLayer | undefined {
    const step = records.find(({ inputs }) =>
        inputs.flat().some(({ link }) => records[link]?.digest === source),
    );
    return madeLayers(layers, step?.layers ?? [])[0];
}

/** The layers that the results of a record name. */
function madeLayers(
    layers: CacheRecords["layers"],
    results: CacheRecord["layers"],
): readonly MadeLayer[] {
    return results.flatMap(({ layer, createdAt }) => {
        const { blob } = layers[layer] ?? {};
        return blob === undefined ? [] : [{ blob, createdAt }];
    });
}

/**
 * Makes saved mounts the results of the records that restores read, and removes the results of the
 * restores: a build that found a restore in the cache would skip it and start with an empty mount.
 *
 * @param expected Digests of the records that restores read; a record without a save loses its result
 */
export function attach(
    { layers, records }: CacheRecords,
    saves: readonly SavedMount[],
    expected: readonly string[],
): CacheRecords {
    const all = [...layers];
    const bottoms = new Map<string, number>();
    for (const [position, { blob, parent }] of layers.entries()) {
        if (parent === -1 && !bottoms.has(blob)) bottoms.set(blob, position);
    }
    const sources = new Set<number>();
    const attached = records.map((record, position): CacheRecord => {
        if (record.inputs.length > 0 || !expected.includes(record.digest)) {
            return record;
        }
        sources.add(position);
        const save = saves.find((one) => one.record === record.digest);
        if (save === undefined) {
            return { ...record, layers: [], chains: [] };
        }
        const layer = bottoms.get(save.blob) ?? all.push({ blob: save.blob, parent: -1 }) - 1;
        bottoms.set(save.blob, layer);
        return { ...record, layers: [{ layer, createdAt: save.createdAt }], chains: [] };
    });
    return {
        layers: all,
        records: attached.map((record) =>
            record.inputs.flat().some(({ link }) => sources.has(link))
                ? { ...record, layers: [], chains: [] }
                : record,
        ),
    };
}
