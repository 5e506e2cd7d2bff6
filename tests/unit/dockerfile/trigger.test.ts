import assert from "node:assert/strict";
import { test } from "node:test";
import { readTrigger } from "../../../src/dockerfile/trigger";

test("rejects a trigger that BuildKit cannot run", () => {
    assert.throws(() => readTrigger("FOO"), {
        message: "unknown instruction FOO; if a newer frontend accepts it, use SlicePolicy.Whole",
    });
    assert.throws(() => readTrigger("COPY a b\nCOPY c d"), {
        message: "ONBUILD COPY a b\nCOPY c d: expected one instruction",
    });
});
