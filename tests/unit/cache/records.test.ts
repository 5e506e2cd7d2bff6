import assert from "node:assert/strict";
import { test } from "node:test";
import { type CacheRecord, type CacheRecords, mergeRecords } from "../../../src/cache/records";

const createdAt = "2026-01-02T03:04:05Z";
const source = (digest: string): CacheRecord => ({ digest, inputs: [], layers: [], chains: [] });
const step = (digest: string, link: number, layer?: number): CacheRecord => ({
    digest,
    inputs: [[{ link, selector: "" }]],
    layers: layer === undefined ? [] : [{ layer, createdAt }],
    chains: [],
});
const cache = (layers: readonly [string, number][], ...records: CacheRecord[]): CacheRecords => ({
    layers: layers.map(([blob, parent]) => ({ blob, parent })),
    records,
});

test("keeps a single cache unchanged", () => {
    const own = cache(
        [
            ["base", -1],
            ["deps", 0],
        ],
        source("from"),
        step("deps", 0, 1),
    );
    assert.deepEqual(mergeRecords([own]), { merged: { ...own, layers: own.layers }, added: 0 });
});

test("keeps what two caches share once, and what follows in each", () => {
    const own = cache(
        [
            ["base", -1],
            ["deps", 0],
        ],
        source("from"),
        step("deps", 0, 1),
    );
    const main = cache(
        [
            ["app", 1],
            ["deps", 2],
            ["base", -1],
        ],
        step("app", 2, 0),
        source("from"),
        step("deps", 1, 1),
    );
    assert.deepEqual(mergeRecords([own, main]), {
        merged: cache(
            [
                ["base", -1],
                ["deps", 0],
                ["app", 1],
            ],
            source("from"),
            step("deps", 0, 1),
            step("app", 1, 2),
        ),
        added: 1,
    });
});

test("adds nothing from a cache that the first one contains, in any order", () => {
    const own = cache(
        [
            ["base", -1],
            ["deps", 0],
        ],
        source("from"),
        step("deps", 0, 1),
    );
    const other = cache(
        [
            ["deps", 1],
            ["base", -1],
        ],
        step("deps", 1, 0),
        source("from"),
    );
    assert.equal(mergeRecords([own, other]).added, 0);
});

test("ignores a step without layers that nothing follows", () => {
    const own = cache([["out", -1]], source("from"), step("build", 0, 0));
    assert.equal(mergeRecords([own, cache([], source("another"))]).added, 0);
});

test("adds the layers of the next cache to a step that the first knows without layers", () => {
    const bare = cache([], source("from"), step("build", 0));
    const full = cache([["out", -1]], source("from"), step("build", 0, 0));
    const { merged, added } = mergeRecords([bare, full]);
    assert.deepEqual(merged, full);
    assert.equal(added, 1);
});

test("keeps the first cache's result of a step", () => {
    const one = cache([["mine", -1]], source("from"), step("build", 0, 0));
    const two = cache([["theirs", -1]], source("from"), step("build", 0, 0));
    assert.deepEqual(mergeRecords([one, two]), { merged: one, added: 0 });
});

test("keeps results that list their layers", () => {
    const linked: CacheRecord = {
        ...source("copy"),
        chains: [{ layers: [1, 0], createdAt }],
    };
    const own = cache([["other", -1]], source("x"), step("y", 0, 0));
    const { merged } = mergeRecords([
        own,
        cache(
            [
                ["a", -1],
                ["b", -1],
            ],
            linked,
        ),
    ]);
    assert.deepEqual(
        merged.layers.map(({ blob }) => blob),
        ["other", "b", "a"],
    );
    assert.deepEqual(merged.records[2]?.chains, [{ layers: [1, 2], createdAt }]);
});

test("finds the same step when the alternatives of an input have another order", () => {
    const either = (first: number, second: number): CacheRecord => ({
        ...source("copy"),
        inputs: [
            [
                { link: first, selector: "/a" },
                { link: second, selector: "" },
            ],
        ],
    });
    const one = cache([], source("p"), source("q"), either(0, 1));
    const two = cache([], source("q"), source("p"), { ...either(1, 0) });
    const swapped = cache([], source("q"), source("p"), {
        ...source("copy"),
        inputs: [
            [
                { link: 0, selector: "" },
                { link: 1, selector: "/a" },
            ],
        ],
    });
    assert.deepEqual(mergeRecords([one, two]).merged, one);
    assert.deepEqual(mergeRecords([one, swapped]).merged, one);
    const outputs = (...selectors: readonly string[]) =>
        cache([], source("p"), {
            ...source("copy"),
            inputs: [selectors.map((selector) => ({ link: 0, selector }))],
        });
    const sorted = outputs("/a", "/b");
    assert.deepEqual(mergeRecords([outputs("/b", "/a"), sorted]).merged, sorted);
});

test("rejects records that follow themselves or a missing record", () => {
    for (const [faulty, message] of [
        [cache([], step("a", 0)), "0 in the cache depends on itself"],
        [cache([], step("a", 7)), "the cache has no record 7"],
        [cache([["l", 0]], step("a", 1, 0), source("b")), "0 in the cache depends on itself"],
        [cache([["l", 7]], step("a", 1, 0), source("b")), "the cache has no layer 7"],
    ] as const) {
        assert.throws(() => mergeRecords([faulty]), new RangeError(message));
    }
});
