import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { log, showWait } from "../../../src/hooks/log";

test("waits at most a second for a line that does not reach the engine", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    for (const [severity, method] of [
        ["warning", "warn"],
        ["info", "info"],
    ] as const) {
        const sent = t.mock.method(pulumi.log, method, () => new Promise<void>(() => undefined));
        let isDone = false;
        void log(severity, "the line", "urn:of:it").then(() => {
            isDone = true;
        });
        assert.deepEqual(
            sent.mock.calls.map(({ arguments: [message] }) => message),
            ["the line"],
        );
        for (const [ms, expected] of [
            [999, false],
            [1, true],
        ] as const) {
            t.mock.timers.tick(ms);
            await setImmediate();
            assert.equal(isDone, expected);
        }
    }
});

test("does not keep the program running for a line", (t) => {
    const timers = () =>
        process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    t.mock.method(pulumi.log, "info", () => new Promise<void>(() => undefined));
    const before = timers();
    void log("info", "the line", "urn:of:it");
    assert.equal(timers(), before);
});

test("shows after two seconds what a resource waits for, unless the work ends before", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const info = t.mock.method(pulumi.log, "info", async () => undefined);
    const shown = () =>
        info.mock.calls.map(({ arguments: [message, , , isEphemeral] }) => [message, isEphemeral]);
    assert.equal(await showWait("fast", "urn:of:it", Promise.resolve("done")), "done");
    t.mock.timers.tick(5000);
    assert.deepEqual(shown(), []);
    let end = (_: string): void => undefined;
    const work = new Promise<string>((resolve) => {
        end = resolve;
    });
    const slow = showWait("slow", "urn:of:it", work);
    t.mock.timers.tick(1999);
    assert.deepEqual(shown(), []);
    t.mock.timers.tick(1);
    assert.deepEqual(shown(), [["slow", true]]);
    end("done");
    assert.equal(await slow, "done");
});
