import assert from "node:assert/strict";
import { test } from "node:test";
import {
    add,
    closingLine,
    failureList,
    isGood,
    nothing,
    slowestFiles,
} from "../../../tools/commands/test/tally";

test("names skipped tests in the closing line only when tests were skipped", () => {
    assert.equal(closingLine({ ...nothing, passed: 12 }), "12 passed, 0 failed");
    assert.equal(
        closingLine({ ...nothing, passed: 1, failed: 2, skipped: 3 }),
        "1 passed, 2 failed, 3 skipped",
    );
});

test("adds tallies", () => {
    const failures = [{ name: "types" }];
    const one = { passed: 1, failed: 2, skipped: 3, failures, files: {} };
    const two = { passed: 2, failed: 4, skipped: 6, failures: [...failures, ...failures] };
    assert.deepEqual(add(one, one), { ...two, files: {} });
    assert.deepEqual(add(nothing, one), one);
});

test("accepts a run in which tests passed and none failed, and rejects a run of skipped tests", () => {
    assert.equal(isGood({ ...nothing, passed: 1, failed: 0, skipped: 5 }), true);
    assert.equal(isGood({ ...nothing, passed: 5, failed: 1, skipped: 0 }), false);
    assert.equal(isGood({ ...nothing, passed: 0, failed: 0, skipped: 9 }), false);
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

test("lists failed tests with file and error, and failed checks by name", () => {
    const file = "/clone/tests/a.test.ts";
    const failures = [{ name: "types" }, { file, name: "adds", error: "1 !== 2\n\nthree" }];
    assert.equal(
        failureList({ ...nothing, failures }, "/clone"),
        "✖ types\n✖ tests/a.test.ts  adds\n    1 !== 2\n\n    three\n",
    );
});

test("lists no failed tests of a good run", () => {
    assert.equal(failureList({ ...nothing, passed: 3 }, "/clone"), "");
});
