import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { withLock } from "../../../toolchain/cache/lock.cjs";
import { temporaryFolder } from "./temporary";

const root = temporaryFolder();

function holder(target: string, log: string, holdMs: number): ChildProcess {
    const program = join(__dirname, "lockHolder.ts");
    return spawn(process.execPath, ["--import", "tsx", program, target, log, String(holdMs)], {
        stdio: "inherit",
    });
}

async function until(condition: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + 20_000;
    while (!(await condition())) {
        assert.ok(Date.now() < deadline, "the other process did not get so far in 20 s");
        await sleep(20);
    }
}

const linesOf = async (log: string) =>
    (await readFile(log, "utf8")).split("\n").filter((line) => line !== "");

test("processes that want one lock hold it one after the other", async () => {
    const [target, log] = [join(root, "shared"), join(root, "shared.log")];
    await writeFile(log, "");
    const holders = [1, 2, 3].map(() => holder(target, log, 100));
    const codes = await Promise.all(holders.map(async (child) => (await once(child, "exit"))[0]));
    assert.deepEqual(codes, [0, 0, 0]);
    const lines = await linesOf(log);
    assert.equal(lines.length, 6);
    for (let i = 0; i < lines.length; i += 2) {
        assert.equal(lines[i + 1], lines[i]?.replace(" in", " out"));
    }
});

test("who waits is told the holder's process, and goes on the moment it is killed", async () => {
    const [target, log] = [join(root, "killed"), join(root, "killed.log")];
    await writeFile(log, "");
    const child = holder(target, log, 60_000);
    await until(async () => (await linesOf(log)).length === 1);
    const told: string[] = [];
    const waiting = withLock(target, async () => "mine", { onWait: (pid) => told.push(pid) });
    await until(async () => told.length === 1);
    const startedMs = Date.now();
    child.kill("SIGKILL");
    assert.equal(await waiting, "mine");
    assert.ok(Date.now() - startedMs < 5_000);
    assert.deepEqual(told, [String(child.pid)]);
});

test("a lock left by a process that died before is taken", async () => {
    const [target, log] = [join(root, "stale"), join(root, "stale.log")];
    await writeFile(log, "");
    const child = holder(target, log, 60_000);
    await until(async () => (await linesOf(log)).length === 1);
    child.kill("SIGKILL");
    await once(child, "exit");
    const told: string[] = [];
    assert.equal(await withLock(target, async () => 1, { onWait: (pid) => told.push(pid) }), 1);
    assert.deepEqual(told, []);
});

test("locks of other targets are other locks", async () => {
    const outcome = await withLock(join(root, "one"), () =>
        withLock(join(root, "two"), async () => "both"),
    );
    assert.equal(outcome, "both");
});

test("a lock is left when the body throws", async () => {
    const target = join(root, "throwing");
    await assert.rejects(
        withLock(target, async () => {
            throw new Error("body");
        }),
        { message: "body" },
    );
    assert.equal(await withLock(target, async () => "free"), "free");
});

test("waiting ends with an error that names the target when it takes too long", async () => {
    const target = join(root, "hanging");
    await withLock(target, () =>
        assert.rejects(
            withLock(target, async () => undefined, { waitMaxMs: 60 }),
            { message: `${target}: locked by another process for over 0 minutes` },
        ),
    );
});
