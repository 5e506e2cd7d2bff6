import assert from "node:assert/strict";
import { test } from "node:test";
import { cronFault, nextTime } from "../../../tools/sandbox/harbor/cron";

test("accepts six fields that begin at second 0", () => {
    assert.equal(cronFault("0 0 3 * * *"), undefined);
    assert.equal(cronFault("every day"), "expected exactly 6 fields, found 2: [every day]");
    assert.equal(cronFault("0 3 * * *"), "expected exactly 6 fields, found 5: [0 3 * * *]");
    assert.equal(
        cronFault("* * * * * *"),
        "the 1st field (indicating Seconds of time) of the cron setting must be 0",
    );
    assert.equal(cronFault(""), "empty spec string");
    assert.notEqual(cronFault("0 99 * * * *"), undefined);
});

test("finds the first match after the given moment", () => {
    const after = new Date("2026-11-24T07:15:54Z");
    const cases: [string, string][] = [
        ["0 0 3 * * *", "2026-11-25T03:00:00.000Z"],
        ["0 30 7 * * *", "2026-11-24T07:30:00.000Z"],
        ["0 */20 * * * *", "2026-11-24T07:20:00.000Z"],
        ["0 0 0 1 1 *", "2027-01-01T00:00:00.000Z"],
        ["0 0 0 * * 0", "2026-11-29T00:00:00.000Z"],
        ["0 0 0 * * 7", "2026-11-29T00:00:00.000Z"],
    ];
    for (const [cron, expected] of cases) {
        assert.equal(nextTime(cron, after), expected, cron);
    }
});
