import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type CacheRecord, type CacheRecords, mergeRecords } from "../../../src/cache/records";
import { attach, keep, keptIn, restoreOf, savesIn } from "../../../src/mounts/records";
import { fuzzing } from "../../support/fuzzing";

// Caches that anybody who may push has written.

const digest = fc.constantFrom("a", "b", "c");
const createdAt = fc.constantFrom("", "2026-01-02T03:04:05Z", "2026-01-02T03:04:06Z");
const selector = fc.constantFrom("", "x", "y");
const plain = <T>(members: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
    fc.record(members, { noNullPrototype: true });
const few = <T>(item: fc.Arbitrary<T>, maxLength = 3) => fc.array(item, { maxLength });

/** A record that links to records and layers at positions. */
const recordWith = (link: fc.Arbitrary<number>, layer: fc.Arbitrary<number>) =>
    plain({
        digest,
        inputs: few(few(plain({ link, selector }))),
        layers: few(plain({ layer, createdAt }), 2),
        chains: few(plain({ layers: few(layer), createdAt }), 1),
    });
const anywhere = fc.oneof(fc.integer({ min: -2, max: 6 }), fc.double({ noNaN: true }));
const forged: fc.Arbitrary<CacheRecords> = plain({
    layers: few(plain({ blob: digest, parent: anywhere }), 5),
    records: few(recordWith(anywhere, anywhere), 6),
});

/** A cache as BuildKit could have written it: each record and layer links to those before it. */
const sound: fc.Arbitrary<CacheRecords> = few(digest, 4).chain((blobs) =>
    plain({
        layers: fc.tuple(
            ...blobs.map((blob, at) =>
                plain({
                    blob: fc.constant(blob),
                    parent: fc.integer({ min: -1, max: at - 1 }),
                }),
            ),
        ),
        records: fc.integer({ min: 0, max: 5 }).chain((count) => {
            const layer = fc.integer({ min: 0, max: Math.max(0, blobs.length - 1) });
            const records = Array.from({ length: count }, (_, at) =>
                recordWith(fc.integer({ min: 0, max: Math.max(0, at - 1) }), layer).map((one) => ({
                    ...one,
                    ...(at === 0 ? { inputs: [] } : {}),
                    ...(blobs.length === 0 ? { layers: [], chains: [] } : {}),
                })),
            );
            return fc.tuple(...records);
        }),
    }),
);

/** What a build finds in a sound cache: the results of each step, without positions. */
function meaningOf({ layers, records }: CacheRecords): ReadonlyMap<string, readonly string[]> {
    const chain = (at: number): string => {
        const layer = layers[at];
        return layer === undefined ? "" : `${layer.blob}/${chain(layer.parent)}`;
    };
    const step = (at: number): string => {
        const { digest: name, inputs } = records[at] ?? assert.fail();
        const links = inputs.map((input) =>
            input.map((one) => `${step(one.link)}#${one.selector}`).sort(),
        );
        return JSON.stringify([name, links]);
    };
    const found = new Map<string, string[]>();
    for (const [at, record] of records.entries()) {
        if (record.layers.length + record.chains.length === 0) continue;
        const results = JSON.stringify([
            record.layers.map((one) => [chain(one.layer), one.createdAt]),
            record.chains.map((one) => [one.layers.map(chain), one.createdAt]),
        ]);
        found.set(step(at), [...(found.get(step(at)) ?? []), results]);
    }
    return found;
}

/** Merges caches; undefined for the refusal of a damaged one. */
function merged(...caches: CacheRecords[]) {
    try {
        return mergeRecords(caches);
    } catch (error) {
        assert.ok(error instanceof RangeError && !/stack/.test(error.message), String(error));
        return undefined;
    }
}

test("a merged cache has the results of its caches, the first ones before all others", (context) => {
    const property = fc.property(sound, sound, (own, other) => {
        const result = merged(own, other) ?? assert.fail("refused a sound cache");
        const [ours, theirs] = [own, other].map(meaningOf);
        assert.ok(ours && theirs);
        let added = 0;
        const all = meaningOf(result.merged);
        for (const [step, results] of all) {
            const [one, ...more] = results;
            assert.deepEqual(more, [], "a step is there once");
            if (!ours.has(step)) added++;
            assert.ok((ours.get(step) ?? theirs.get(step))?.includes(one ?? ""));
        }
        assert.deepEqual(new Set(all.keys()), new Set([...ours.keys(), ...theirs.keys()]));
        assert.equal(result.added, added);
        const again = merged(result.merged, other);
        assert.equal(again?.added, 0);
        assert.deepEqual(meaningOf(again.merged), all);
    });
    fc.assert(property, fuzzing(context, 500));
});

test("a forged cache changes no result of a stack's cache", (context) => {
    const property = fc.property(sound, forged, (own, other) => {
        const result = merged(own, other);
        if (result === undefined) return;
        const all = meaningOf(result.merged);
        for (const [step, results] of meaningOf(own)) {
            assert.ok(results.includes(all.get(step)?.[0] ?? ""), step);
        }
    });
    fc.assert(property, fuzzing(context, 500));
});

test("the saves of a forged cache are layers of it, for records without inputs", (context) => {
    const property = fc.property(forged, (cache) => {
        const blobs = cache.layers.map(({ blob }) => blob);
        const sources = cache.records.filter(({ inputs }) => inputs.length === 0);
        for (const { record, blob } of savesIn(cache)) {
            assert.ok(blobs.includes(blob));
            assert.ok(sources.some((source) => source.digest === record));
        }
        for (const { blob, smaller } of keptIn(cache)) {
            assert.ok(blobs.includes(blob) && blobs.includes(smaller?.blob ?? blob));
        }
        for (const name of ["a", "b", "c"]) {
            const restored = restoreOf(cache, name);
            assert.ok(restored === undefined || blobs.includes(restored.blob));
        }
    });
    fc.assert(property, fuzzing(context, 1000));
});

const save = plain({ record: digest, blob: fc.constantFrom("a", "save"), createdAt });
const saves = fc.uniqueArray(save, { selector: ({ record }) => record, maxLength: 3 });

test("attached saves change only the records that restores read, and the restores", (context) => {
    const property = fc.property(
        forged,
        saves,
        fc.subarray(["a", "b", "c"]),
        (cache, all, more) => {
            const expected = [...all.map(({ record }) => record), ...more];
            const attached = attach(cache, all, expected);
            const isSource = ({ inputs, digest: name }: CacheRecord) =>
                inputs.length === 0 && expected.includes(name);
            const sources = cache.records.map(isSource);
            assert.equal(attached.records.length, cache.records.length);
            for (const [at, record] of cache.records.entries()) {
                const now = attached.records[at] ?? assert.fail();
                const restores = record.inputs.flat().some(({ link }) => sources[link]);
                if (!sources[at] && !restores) {
                    assert.equal(now, record);
                    continue;
                }
                const [found] = all.filter((one) => sources[at] && one.record === record.digest);
                assert.deepEqual(
                    now.layers.map(({ layer, createdAt: at }) => [attached.layers[layer], at]),
                    found === undefined
                        ? []
                        : [[{ blob: found.blob, parent: -1 }, found.createdAt]],
                );
                assert.deepEqual({ ...record, layers: [], chains: [] }, { ...now, layers: [] });
            }
            assert.deepEqual(attached.layers.slice(0, cache.layers.length), cache.layers);
            assert.deepEqual(attach(attached, all, expected), attached, "attached once");
            assert.deepEqual(keptIn(keep(all)), all);
        },
    );
    fc.assert(property, fuzzing(context, 1000));
});
