import assert from "node:assert/strict";
import { test } from "node:test";
import { startEmptyBuildkit } from "../../../tools/sandbox/sandbox";
import { openLab } from "../../support/lab";
import { build } from "./buildctl";

const lab = openLab();

test("starts a second, empty BuildKit that leaves nothing behind", async () => {
    await build(lab, "warm", [], undefined);
    const second = await startEmptyBuildkit(lab.sandboxOptions, "second");
    try {
        assert.notEqual(second.address, lab.buildkitAddress);
        const first = await build(lab, "warm", [], undefined);
        assert.match(first.log, /COPY data \/data\n#\d+ CACHED/);
        const cold = await build(lab, "warm", [], undefined, second.address);
        assert.equal(cold.code, 0, cold.log);
        assert.doesNotMatch(cold.log, /CACHED/);
    } finally {
        await second.stop();
    }
    const gone = await build(lab, "warm", [], undefined, second.address).catch(() => undefined);
    assert.notEqual(gone?.code, 0);
});
