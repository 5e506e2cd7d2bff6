import assert from "node:assert/strict";
import { test } from "node:test";
import { add, closingLine, isGood, nothing } from "../../../commands/test/tally";

test("the closing line tells the skipped only when there are some", () => {
    assert.equal(closingLine({ passed: 12, failed: 0, skipped: 0 }), "12 passed, 0 failed");
    assert.equal(
        closingLine({ passed: 1, failed: 2, skipped: 3 }),
        "1 passed, 2 failed, 3 skipped",
    );
});

test("tallies add up", () => {
    const one = { passed: 1, failed: 2, skipped: 3 };
    assert.deepEqual(add(one, one), { passed: 2, failed: 4, skipped: 6 });
    assert.deepEqual(add(nothing, one), one);
});

test("a run is good when something passed and nothing failed; all skipped is not", () => {
    assert.equal(isGood({ passed: 1, failed: 0, skipped: 5 }), true);
    assert.equal(isGood({ passed: 5, failed: 1, skipped: 0 }), false);
    assert.equal(isGood({ passed: 0, failed: 0, skipped: 9 }), false);
    assert.equal(isGood(nothing), false);
});
