import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeRestore, judgeSave } from "../../../src/mounts/outcome";

test("derives the result of a save from the size of its layer", () => {
    const outcomes = [0, 4095, 4096, 8191, 8192, 12_287, 12_288, 16_383, 16_384].map((bytes) =>
        judgeSave(bytes, undefined),
    );
    assert.deepEqual(outcomes, [
        ...["empty", "empty"],
        ...["noTar", "noTar"],
        ...["tooLarge", "tooLarge"],
        ...["changing", "changing"],
        "saved",
    ]);
    assert.equal(judgeSave(600, 1_000_000), "empty");
    assert.equal(judgeSave(8792, 1_000_000), "tooLarge");
});

test("derives the result of a restore from the size of its layer", () => {
    const outcomes = [0, 4095, 4096, 8191, 8192, 20_000].map(judgeRestore);
    assert.deepEqual(outcomes, ["done", "done", "damaged", "damaged", "foreign", "foreign"]);
});

test("replaces a save with one of similar size, and not with one of less than a quarter", () => {
    assert.equal(judgeSave(250_000, 1_000_000), "saved");
    assert.equal(judgeSave(249_999, 1_000_000), "shrunk");
});
