import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { assemble, standingOf } from "../../../tools/toolchain/assembly";
import { runCommand } from "../../../tools/toolchain/command";
import type { Piece } from "../../../tools/toolchain/piece";
import { filePiece, testRun } from "./pieces";
import { temporaryFolder } from "./temporary";

const root = temporaryFolder();

test("uses what the machine has, without building or printing anything", async () => {
    const run = testRun(join(root, "machine"));
    const piece = filePiece("own", {
        findOnMachine: async () => ({ version: "2.0", tools: { busybox: "/bin/busybox" } }),
    });
    assert.deepEqual(await assemble([piece], run), { busybox: "/bin/busybox" });
    assert.deepEqual(run.lines(), [""]);
    assert.equal(existsSync(run.root), false);
});

test("builds a missing piece once and finds it the next time", async () => {
    const run = testRun(join(root, "missing"));
    const piece = filePiece("made");
    assert.equal((await standingOf(piece, run.root)).source, "missing");
    const tools = await assemble([piece], run);
    assert.equal(await readFile(tools.busybox ?? "", "utf8"), "made");
    assert.equal((await standingOf(piece, run.root)).source, "cache");
    const lines = run.lines();
    assert.match(lines.pop() ?? "", /^toolchain: made 1\.0: done after \d+ s$/);
    assert.deepEqual(lines, [
        `toolchain: building made 1.0 once, in ${run.root}`,
        "toolchain: made 1.0: started",
    ]);
    const again = testRun(run.root);
    assert.deepEqual(await assemble([piece], again), tools);
    assert.deepEqual(again.lines(), [""]);
});

test("builds a damaged piece again and reports the damage", async () => {
    const run = testRun(join(root, "damaged"));
    const piece = filePiece("hurt");
    const { busybox = "" } = await assemble([piece], run);
    await truncate(busybox, 1);
    const again = testRun(run.root);
    await assemble([piece], again);
    assert.equal(await readFile(busybox, "utf8"), "hurt");
    assert.equal(
        again.lines()[2],
        "toolchain: hurt 1.0: the cached copy is damaged (hurt has 1 bytes instead of 4); building again",
    );
});

test("reports all obstacles together and builds nothing", async () => {
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

test("builds a needed piece first and passes its folder on", async () => {
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

test("builds a piece after the pieces of the run whose caches it uses", async () => {
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

test("aborts the other builds at the first failure and leaves no partial entry", async () => {
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
        assert.match(error.message, /^failing 1\.0 could not be built: the disk is full\./);
        assert.match(error.message, /\n {4}write \/x: no space left on device\n/);
        return true;
    });
    assert.ok(Date.now() - startedMs < 10_000);
    assert.deepEqual(await readdir(run.root), ["logs"]);
});

test("keeps and names the log of a failed build, if there is one, and deletes the log of a good one", async () => {
    const run = testRun(join(root, "log"));
    const script = (code: number): Partial<Piece> => ({
        build: async ({ folder, log, signal }) => {
            await runCommand("sh", ["-c", `echo output; exit ${code}`], { log, signal });
            await writeFile(join(folder, "file"), "");
        },
    });
    await assemble([filePiece("good", script(0))], run);
    assert.deepEqual(await readdir(join(run.root, "logs")), []);
    await assert.rejects(assemble([filePiece("bad", script(3))], run), (error: Error) => {
        const log = error.message.match(/The whole output is in (.*)$/)?.[1] ?? "";
        assert.match(error.message, /^bad 1\.0 could not be built: sh -c .*: exit code 3\./);
        assert.ok(existsSync(log), log);
        return true;
    });
    const build = () => Promise.reject(new Error("ENOENT: no such file or directory, mkdir '/x'"));
    await assert.rejects(assemble([filePiece("mute", { build })], run), {
        message: `mute 1.0 could not be built: no folder can be created at ${run.root}. Point HARBOR_BUILD_CACHE at a folder on a disk.`,
    });
});
