import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { lstat, mkdtemp, readdir, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { root } from "../support/lab";

const run = promisify(execFile);
const folders: string[] = [];

after(async () => {
    for (const folder of folders) {
        await npm(folder, "run", "down");
        await rm(folder, { recursive: true, force: true });
    }
});

/** Makes a clone of the committed state, as a new contributor has it. */
async function clone(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "hb-clone-"));
    folders.push(folder);
    await run("git", ["clone", "--quiet", root, folder]);
    return folder;
}

function npm(cwd: string, ...args: string[]): Promise<{ code: number; output: string }> {
    const env = Object.fromEntries(
        Object.entries(process.env).filter(([name]) => !/^(HARBOR_|PULUMI_|DOCKER_)/.test(name)),
    );
    const cache = process.env["HARBOR_BUILD_CACHE"];
    const child = spawn("npm", args, {
        cwd,
        env: cache === undefined ? env : { ...env, HARBOR_BUILD_CACHE: cache },
        stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => {
            output += text;
        });
    }
    return new Promise((resolve, reject) => {
        child.on("error", reject);
        child.on("close", (code) => resolve({ code: code ?? -1, output }));
    });
}

/** Every entry below a folder with the time of its last change; empty when the folder is missing. */
async function listing(folder: string): Promise<readonly string[]> {
    const names = await readdir(folder, { recursive: true }).catch(() => []);
    const entries = names.map(async (name) => {
        const { mtimeMs } = await lstat(join(folder, name));
        return `${name} ${mtimeMs}`;
    });
    return (await Promise.all(entries)).sort();
}

test("runs two clones at once, separate from each other and from the user's own files", async () => {
    const own = [".pulumi", ".docker"].map((name) => join(homedir(), name));
    const before = await Promise.all(own.map(listing));
    const clones = [await clone(), await clone()];

    const runs = await Promise.all(clones.map((folder) => npm(folder, "start")));
    const references = runs.map(({ code, output }) => {
        assert.equal(code, 0, output);
        const pushed = /^pushed (\S+)$/m.exec(output)?.[1] ?? "";
        assert.match(pushed, /^127\.0\.0\.1:\d+\/shop\/fm:1\.0\.0@sha256:[0-9a-f]{64}$/, output);
        return pushed;
    });
    const hosts = new Set(references.map((reference) => reference.split("/")[0]));
    assert.equal(hosts.size, 2, "each clone has its own Harbor");

    const again = await Promise.all(clones.map((folder) => npm(folder, "start")));
    for (const { code, output } of again) {
        assert.equal(code, 0, output);
        assert.match(output, /^ {4}6 unchanged$/m, "the stack and its five resources");
    }
    assert.deepEqual(await Promise.all(own.map(listing)), before);
});
