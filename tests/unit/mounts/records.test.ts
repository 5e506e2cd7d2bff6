import assert from "node:assert/strict";
import { test } from "node:test";
import type { CacheRecord } from "../../../src/cache/records";
import { attach, keep, keptIn, savesIn } from "../../../src/mounts/records";

const createdAt = "2026-01-02T03:04:05Z";

/** The selector of a mount's root, as BuildKit writes it for the key of a step. */
const root = "sha256:8a5edab282632443219e051e4ade2d1d5bbc671c781051bf1437897cbdfea0f1";

function step(digest: string, inputs: readonly number[], layer?: number): CacheRecord {
    return {
        digest,
        inputs: inputs.map((link) => [{ link, selector: root }]),
        layers: layer === undefined ? [] : [{ layer, createdAt }],
        chains: [],
    };
}

/** The cache of a build that saved two mounts, its records in no order that helps. */
const candidate = {
    layers: [
        { blob: "second", parent: 1 },
        { blob: "first", parent: -1 },
    ],
    records: [
        step("copy 2", [1, 5], 0),
        step("copy 1", [2], 1),
        {
            ...step("pack 1", [8, 3]),
            // The key of the content and the key of the step, in an order that depends on digests.
            inputs: [
                [{ link: 8, selector: root }],
                [
                    { link: 7, selector: "" },
                    { link: 3, selector: root },
                ],
                // The folder with the owner of the mount.
                [{ link: 9, selector: "sha256:/cache" }],
            ],
        },
        step("empty 1", []),
        step("golang", []),
        // Inputs in another order than BuildKit 0.31 has.
        step("pack 2", [6, 8]),
        step("empty 2", []),
        step("content of empty 1", []),
        step("folder", [4]),
        step("owner", []),
    ],
};
const saves = [
    { record: "empty 1", blob: "first", createdAt },
    { record: "empty 2", blob: "second", createdAt },
];

test("finds the saves of a build, in the order of the mounts", () => {
    assert.deepEqual(savesIn(candidate), saves);
});

test("finds no saves in a cache that saved nothing", () => {
    assert.deepEqual(savesIn({ layers: [], records: [] }), []);
    const app = {
        layers: [{ blob: "l", parent: -1 }],
        records: [step("from", []), step("run", [0], 0)],
    };
    assert.deepEqual(savesIn(app), []);
});

test("finds no save if a step packs from two empty stages", () => {
    const records = candidate.records.with(5, step("pack 2", [6, 8, 3]));
    assert.deepEqual(savesIn({ ...candidate, records }), saves.slice(0, 1));
});

test("reads at most 500 saves, and follows at most 100 links of a record", () => {
    const many = Array.from({ length: 501 }, (_, index) => ({
        record: `empty ${index}`,
        blob: `layer ${index}`,
        createdAt,
    }));
    assert.deepEqual(keptIn(keep(many)), many.slice(0, 500));
    const found = (others: number) => {
        const inputs = [...Array<number>(others).fill(8), 2];
        return savesIn({
            ...candidate,
            records: candidate.records.with(1, step("copy 1", inputs, 1)),
        });
    };
    assert.deepEqual(found(99), saves);
    assert.deepEqual(found(100), saves.slice(1));
});

test("does not follow layers that lie on themselves", () => {
    const layers = candidate.layers.with(1, { blob: "first", parent: 1 });
    assert.deepEqual(savesIn({ ...candidate, layers }), saves);
    const cycle = candidate.layers.with(1, { blob: "first", parent: 0 });
    assert.deepEqual(
        savesIn({ ...candidate, layers: cycle })
            .map(({ blob }) => blob)
            .sort(),
        ["first", "second"],
    );
});

test("reads kept saves as they were written", () => {
    const [first, second] = saves;
    assert.ok(first && second);
    const shrunk = [{ ...first, smaller: { blob: "smaller", createdAt } }, second];
    assert.deepEqual(keptIn(keep(saves)), saves);
    assert.deepEqual(keptIn(keep(shrunk)), shrunk);
});

test("makes a save the result of its record, and removes the restore's result", () => {
    const cache = {
        layers: [
            { blob: "base", parent: -1 },
            { blob: "empty", parent: -1 },
            { blob: "restored", parent: 0 },
            { blob: "compiled", parent: 0 },
        ],
        records: [
            step("golang", [], 0),
            step("empty 1", [], 1),
            step("restore", [0, 1], 2),
            step("compile", [0, 2], 3),
        ],
    };
    const attached = attach(cache, saves, ["empty 1", "empty 2"]);
    assert.deepEqual(attached, {
        layers: [...cache.layers, { blob: "first", parent: -1 }],
        records: [
            step("golang", [], 0),
            step("empty 1", [], 4),
            step("restore", [0, 1]),
            step("compile", [0, 2], 3),
        ],
    });
    assert.deepEqual(attach(attached, saves, ["empty 1", "empty 2"]), attached, "again: no change");
    const alone = { layers: [{ blob: "first", parent: -1 }], records: [step("empty 1", [], 0)] };
    assert.deepEqual(attach(alone, saves, ["empty 1"]), alone);
    assert.deepEqual(attach(cache, [], ["empty 1"]).records.slice(1, 3), [
        step("empty 1", []),
        step("restore", [0, 1]),
    ]);
});
