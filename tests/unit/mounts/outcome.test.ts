import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeSave, saveSignal } from "../../../src/mounts/outcome";

test("the size of a layer says what became of a save", () => {
    const overhead = 600;
    assert.equal(judgeSave(overhead, 1_000_000), "empty");
    assert.equal(judgeSave(saveSignal.noTar + overhead, undefined), "noTar");
    assert.equal(judgeSave(saveSignal.tooLarge + overhead, 1_000_000), "tooLarge");
    assert.equal(judgeSave(20_000, undefined), "saved");
});

test("a save replaces one of about its size, and none of more than four times its size", () => {
    assert.equal(judgeSave(300_000, 1_000_000), "saved");
    assert.equal(judgeSave(240_000, 1_000_000), "shrunk");
});
