import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Lane, newLanes } from "../../../tools/toolchain/lanes";

test("runs at most as many tasks as the lane is wide, in the order of their arrival", async () => {
    const lane = new Lane(2);
    const started: number[] = [];
    const finish: (() => void)[] = [];
    const runs = [0, 1, 2, 3].map((number) =>
        lane.run(() => {
            started.push(number);
            return new Promise<void>((done) => {
                finish[number] = done;
            });
        }),
    );
    await turn();
    assert.deepEqual(started, [0, 1]);
    finish[1]?.();
    await turn();
    assert.deepEqual(started, [0, 1, 2]);
    finish[0]?.();
    finish[2]?.();
    await turn();
    assert.deepEqual(started, [0, 1, 2, 3]);
    finish[3]?.();
    await Promise.all(runs);
});

test("starts the next task after a failed one", async () => {
    const lane = new Lane(1);
    const failing = lane.run(async () => {
        throw new Error("no");
    });
    const next = lane.run(async () => "yes");
    await assert.rejects(failing, { message: "no" });
    assert.equal(await next, "yes");
});

test("runs downloads during a compilation even on one core", async () => {
    const lanes = newLanes(1);
    const outcome = await lanes.cores.run(() => lanes.network.run(async () => "both"));
    assert.equal(outcome, "both");
});
