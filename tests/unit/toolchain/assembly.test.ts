import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { assemble, standingOf } from "../../../toolchain/assembly";
import { runCommand } from "../../../toolchain/command";
import type { Piece } from "../../../toolchain/piece";
import { filePiece, testRun } from "./pieces";
import { temporaryFolder } from "./temporary";

const root = temporaryFolder();

test("what the machine has is taken, and nothing is built or told", async () => {
    const run = testRun(join(root, "machine"));
    const piece = filePiece("own", {
        findOnMachine: async () => ({ version: "2.0", tools: { busybox: "/bin/busybox" } }),
    });
    assert.deepEqual(await assemble([piece], run), { busybox: "/bin/busybox" });
    assert.deepEqual(run.lines(), [""]);
    assert.equal(existsSync(run.root), false);
});

test("what is missing is made once, and found the next time", async () => {
    const run = testRun(join(root, "missing"));
    const piece = filePiece("made");
    assert.equal((await standingOf(piece, run.root)).source, "missing");
    const tools = await assemble([piece], run);
    assert.equal(await readFile(tools.busybox ?? "", "utf8"), "made");
    assert.equal((await standingOf(piece, run.root)).source, "cache");
    assert.deepEqual(run.lines(), [
        `toolchain: making made 1.0 once, in ${run.root}`,
        "toolchain: made 1.0: started",
        "toolchain: made 1.0: done after 0 s",
    ]);
    const again = testRun(run.root);
    assert.deepEqual(await assemble([piece], again), tools);
    assert.deepEqual(again.lines(), [""]);
});

test("a damaged piece is never used: it is made anew, and that is told", async () => {
    const run = testRun(join(root, "damaged"));
    const piece = filePiece("hurt");
    const { busybox = "" } = await assemble([piece], run);
    await truncate(busybox, 1);
    const again = testRun(run.root);
    await assemble([piece], again);
    assert.equal(await readFile(busybox, "utf8"), "hurt");
    assert.equal(
        again.lines()[2],
        "toolchain: hurt 1.0: the cached one is damaged (hurt has 1 bytes instead of 4)",
    );
});

test("all obstacles are told together, and nothing is built", async () => {
    const run = testRun(join(root, "obstacles"));
    const noGo = async () => "no Go compiler on PATH. Install Go 1.26";
    const pieces = [
        filePiece("first", { obstacle: noGo }),
        filePiece("second", { obstacle: noGo }),
        filePiece("third"),
        filePiece("fourth", { obstacle: async () => "no apt-get: install runc" }),
    ];
    await assert.rejects(assemble(pieces, run), {
        name: "ToolchainError",
        message:
            "first 1.0, second 1.0: no Go compiler on PATH. Install Go 1.26.\n" +
            "fourth 1.0: no apt-get: install runc.",
    });
    assert.equal(existsSync(run.root), false);
});

test("a needed piece is made first, and its folder given", async () => {
    const run = testRun(join(root, "needs"));
    const base = filePiece("base", { provides: [] });
    const top = filePiece("top", {
        needs: [base],
        build: async ({ folder, folderOf }) => {
            const text = await readFile(join(await folderOf(base), "base"), "utf8");
            await writeFile(join(folder, "top"), `${text} and top`);
        },
    });
    const tools = await assemble([top], run);
    assert.equal(await readFile(tools.busybox ?? "", "utf8"), "base and top");
});

test("a piece comes after those whose caches it uses, when they are made in the same run", async () => {
    const run = testRun(join(root, "after"));
    const order: string[] = [];
    const slow = (name: string, more: Partial<Piece> = {}) =>
        filePiece(name, {
            ...more,
            build: async ({ folder }) => {
                await sleep(30);
                order.push(name);
                await writeFile(join(folder, name), name);
            },
        });
    await assemble([slow("early"), slow("late", { after: ["early", "absent"] })], run);
    assert.deepEqual(order, ["early", "late"]);
});

test("the first failure ends the other builds and leaves nothing half-built", async () => {
    const run = testRun(join(root, "failure"));
    const failing = filePiece("failing", {
        build: async ({ log, signal }) => {
            const script = "echo compiling; echo 'write /x: no space left on device' >&2; exit 1";
            await runCommand("sh", ["-c", script], { log, signal });
        },
    });
    const endless = filePiece("endless", {
        build: async ({ log, signal }) => {
            await runCommand("sleep", ["60"], { log, signal });
        },
    });
    const startedMs = Date.now();
    await assert.rejects(assemble([endless, failing], run), (error: Error) => {
        assert.equal(error.name, "ToolchainError");
        assert.match(error.message, /^failing 1\.0 could not be made: the disk is full\./);
        assert.match(error.message, /\n {4}write \/x: no space left on device\n/);
        return true;
    });
    assert.ok(Date.now() - startedMs < 10_000);
    assert.deepEqual(await readdir(run.root), ["logs"]);
});

test("the log of a failed build is kept and named; that of a good one is not", async () => {
    const run = testRun(join(root, "log"));
    const script = (code: number): Partial<Piece> => ({
        build: async ({ folder, log, signal }) => {
            await runCommand("sh", ["-c", `echo told; exit ${code}`], { log, signal });
            await writeFile(join(folder, "file"), "");
        },
    });
    await assemble([filePiece("good", script(0))], run);
    assert.deepEqual(await readdir(join(run.root, "logs")), []);
    await assert.rejects(assemble([filePiece("bad", script(3))], run), (error: Error) => {
        const log = error.message.match(/All it printed is in (.*)$/)?.[1] ?? "";
        assert.match(error.message, /^bad 1\.0 could not be made: sh -c .*: exit code 3\./);
        assert.ok(existsSync(log), log);
        return true;
    });
});
