import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { withoutStackTraces } from "../../../src/engine/stackTraces";

const variable = "PULUMI_DEBUG_PROMISE_LEAKS";
const framesOf = (error: Error): number => (error.stack ?? "").split("\n").length - 1;

afterEach(() => {
    delete process.env[variable];
});

test("records no frames while it declares, and as many as before afterwards", () => {
    const before = Error.stackTraceLimit;
    assert.equal(framesOf(withoutStackTraces(() => new Error("inside"))), 0);
    assert.equal(Error.stackTraceLimit, before);
    assert.notEqual(framesOf(new Error("outside")), 0);
});

test("restores the limit when the declaration throws", () => {
    const before = Error.stackTraceLimit;
    assert.throws(
        () =>
            withoutStackTraces(() => {
                throw new Error("invalid name");
            }),
        /invalid name/,
    );
    assert.equal(Error.stackTraceLimit, before);
});

test("keeps the frames when the user looks for promises that never settle", () => {
    process.env[variable] = "1";
    assert.notEqual(framesOf(withoutStackTraces(() => new Error("inside"))), 0);
});
