import assert from "node:assert/strict";
import { test } from "node:test";
import {
    add,
    closingLine,
    isGood,
    nothing,
    slowestFiles,
} from "../../../tools/commands/test/tally";

test("names skipped tests in the closing line only when tests were skipped", () => {
    assert.equal(
        closingLine({ passed: 12, failed: 0, skipped: 0, files: {} }),
        "12 passed, 0 failed",
    );
    assert.equal(
        closingLine({ passed: 1, failed: 2, skipped: 3, files: {} }),
        "1 passed, 2 failed, 3 skipped",
    );
});

test("adds tallies", () => {
    const one = { passed: 1, failed: 2, skipped: 3, files: {} };
    assert.deepEqual(add(one, one), { passed: 2, failed: 4, skipped: 6, files: {} });
    assert.deepEqual(add(nothing, one), one);
});

test("accepts a run in which tests passed and none failed, and rejects a run of skipped tests", () => {
    assert.equal(isGood({ passed: 1, failed: 0, skipped: 5, files: {} }), true);
    assert.equal(isGood({ passed: 5, failed: 1, skipped: 0, files: {} }), false);
    assert.equal(isGood({ passed: 0, failed: 0, skipped: 9, files: {} }), false);
    assert.equal(isGood(nothing), false);
});

test("lists the slowest files first, relative to the clone", () => {
    const files = { "/clone/tests/a.test.ts": 950, "/clone/tests/b.test.ts": 12_340 };
    assert.equal(
        slowestFiles({ ...nothing, files }, "/clone"),
        "   12.3 s  tests/b.test.ts\n    0.9 s  tests/a.test.ts\n",
    );
});

test("lists nothing when no test file ran", () => {
    assert.equal(slowestFiles(nothing, "/clone"), "");
});
