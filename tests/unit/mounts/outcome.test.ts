import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeSave, saveSignal } from "../../../src/mounts/outcome";

test("derives the result of a save from the size of its layer", () => {
    const overhead = 600;
    assert.equal(judgeSave(overhead, 1_000_000), "empty");
    assert.equal(judgeSave(saveSignal.noTar + overhead, undefined), "noTar");
    assert.equal(judgeSave(saveSignal.tooLarge + overhead, 1_000_000), "tooLarge");
    assert.equal(judgeSave(saveSignal.changing + overhead, undefined), "changing");
    assert.equal(judgeSave(20_000, undefined), "saved");
});

test("replaces a save with one of similar size, and not with one of less than a quarter", () => {
    assert.equal(judgeSave(300_000, 1_000_000), "saved");
    assert.equal(judgeSave(240_000, 1_000_000), "shrunk");
});
