import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
    ensureSandbox,
    readSandbox,
    type SandboxOptions,
    Scheme,
    stopSandbox,
} from "../../../tools/sandbox/sandbox";
import { openLab } from "../../support/lab";
import { askApi } from "../../support/registry";
import { build } from "./buildctl";

const lab = openLab();
const dataDir = mkdtempSync(join(tmpdir(), "sandbox-"));
const { given: _, ...rest } = lab.sandboxOptions;
const options: SandboxOptions & { given?: undefined } = { ...rest, dataDir, scheme: Scheme.Http };

after(async () => {
    await stopSandbox(dataDir);
    rmSync(dataDir, { recursive: true, force: true });
});

function pids(): number[] {
    const folder = join(dataDir, "run");
    return readdirSync(folder)
        .filter((name) => name.endsWith(".json"))
        .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")).pid as number);
}

const isAlive = (pid: number): boolean => {
    try {
        return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
    } catch {
        return false;
    }
};

test("keeps a sandbox over http running after its starter ends, and starts it again after a kill", async () => {
    const first = await ensureSandbox(options);
    const { harbor } = first;
    assert.match(harbor.url, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.equal(harbor.caFile, undefined);
    const body = { project_name: "kept" };
    assert.equal((await askApi({ ...harbor }, "/projects", { method: "POST", body })).status, 201);

    const before = pids();
    assert.deepEqual(await ensureSandbox(options), first);
    assert.deepEqual(pids(), before, "found again, not started");
    assert.deepEqual(readSandbox(dataDir), first);

    const killed = pids();
    for (const pid of killed) {
        process.kill(pid, "SIGKILL");
    }
    // The signal is sent at once; a busy machine takes its time to end the process.
    for (let wait = 0; wait < 500 && killed.some(isAlive); wait++) {
        await sleep(10);
    }
    assert.deepEqual(killed.filter(isAlive), []);
    assert.deepEqual(await ensureSandbox(options), first);
    assert.equal((await askApi({ ...harbor }, "/projects/kept")).status, 200);

    const here = { ...lab, admin: { ...harbor }, buildkitAddress: first.buildkitAddress };
    const reference = `${harbor.host}/kept/app:1`;
    const output = ["--output", `type=image,name=${reference},push=true`];
    const pushed = await build(here, "over http", output, harbor);
    assert.equal(pushed.code, 0, pushed.log);

    const running = pids();
    assert.equal(running.length, killed.length);
    await stopSandbox(dataDir);
    assert.deepEqual(running.filter(isAlive), []);
    assert.equal(existsSync(first.buildkitAddress.replace("unix://", "")), false);
    assert.equal(readSandbox(dataDir), undefined);
});
