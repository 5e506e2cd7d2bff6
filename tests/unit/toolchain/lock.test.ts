import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdirSync, symlinkSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { withLock } from "../../../tools/toolchain/cache/lock.cjs";
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

test("gives a lock to one process at a time", async () => {
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

test("reports the holding process to a waiting one, which continues as soon as the holder dies", async () => {
    const [target, log] = [join(root, "killed"), join(root, "killed.log")];
    await writeFile(log, "");
    const child = holder(target, log, 60_000);
    await until(async () => (await linesOf(log)).length === 1);
    const reported: string[] = [];
    const waiting = withLock(target, async () => "mine", { onWait: (pid) => reported.push(pid) });
    await until(async () => reported.length === 1);
    const startedMs = Date.now();
    child.kill("SIGKILL");
    assert.equal(await waiting, "mine");
    assert.ok(Date.now() - startedMs < 5_000);
    assert.deepEqual(reported, [String(child.pid)]);
});

test("takes a lock that a dead process left", async () => {
    const [target, log] = [join(root, "stale"), join(root, "stale.log")];
    await writeFile(log, "");
    const child = holder(target, log, 60_000);
    await until(async () => (await linesOf(log)).length === 1);
    child.kill("SIGKILL");
    await once(child, "exit");
    const reported: string[] = [];
    assert.equal(await withLock(target, async () => 1, { onWait: (pid) => reported.push(pid) }), 1);
    assert.deepEqual(reported, []);
});

test("locks each target separately", async () => {
    const outcome = await withLock(join(root, "one"), () =>
        withLock(join(root, "two"), async () => "both"),
    );
    assert.equal(outcome, "both");
});

test("releases the lock when the body throws", async () => {
    const target = join(root, "throwing");
    await assert.rejects(
        withLock(target, async () => {
            throw new Error("body");
        }),
        { message: "body" },
    );
    assert.equal(await withLock(target, async () => "free"), "free");
});

test("stops waiting after the limit with an error that names the target", async () => {
    const target = join(root, "hanging");
    await withLock(target, () =>
        assert.rejects(
            withLock(target, async () => undefined, { waitMaxMs: 60 }),
            { message: `${target}: locked by another process for over 0 minutes` },
        ),
    );
});

test("takes no lock in a folder of another user, that others can write, or behind a link", async () => {
    const user = process.getuid?.() ?? 0;
    const before = process.env["TMPDIR"];
    const folderIn = (name: string) => {
        const temporary = join(root, name);
        mkdirSync(temporary);
        process.env["TMPDIR"] = temporary;
        return join(temporary, `harbor-build-locks-${user}`);
    };
    const refused = () =>
        assert.rejects(
            withLock(join(root, "any"), async () => "mine"),
            /: expected a folder that belongs to this user and that others cannot write\. Delete it, or/,
        );
    try {
        const open = folderIn("open");
        mkdirSync(open);
        chmodSync(open, 0o777);
        await refused();
        symlinkSync(root, folderIn("link"));
        await refused();
        // Only root can give a folder away.
        if (user === 0) {
            const foreign = folderIn("foreign");
            mkdirSync(foreign, { mode: 0o700 });
            chownSync(foreign, 4711, 4711);
            await refused();
        }
    } finally {
        if (before === undefined) delete process.env["TMPDIR"];
        else process.env["TMPDIR"] = before;
    }
});
