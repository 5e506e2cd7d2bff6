import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { locked } from "../../../tools/sandbox/lock";
import { placesOf } from "../../../tools/sandbox/places";

let folder: string;
before(() => {
    folder = mkdtempSync(join(tmpdir(), "lock-"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

test("serializes work on one data folder", async () => {
    const places = placesOf(folder);
    const steps: string[] = [];
    const work = (name: string) => async (): Promise<void> => {
        steps.push(`${name} begins`);
        await sleep(30);
        steps.push(`${name} ends`);
    };
    await Promise.all([locked(places, work("a")), locked(places, work("b"))]);
    assert.equal(steps.length, 4);
    assert.equal(steps[1], steps[0]?.replace("begins", "ends"));
});

test("takes over the lock of a killed process, and releases it after a failure", async () => {
    const places = placesOf(folder);
    const gone = spawnSync("/bin/true").pid;
    writeFileSync(join(folder, "lock"), String(gone));
    await assert.rejects(
        locked(places, async () => {
            throw new Error("work failed");
        }),
        /work failed/,
    );
    assert.equal(existsSync(join(folder, "lock")), false);
});
