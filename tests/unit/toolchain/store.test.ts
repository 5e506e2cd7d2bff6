import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { cacheRoot, checkOf, ensureEntry, entryOf } from "../../../tools/toolchain/cache/store";
import { temporaryFolder } from "./temporary";

const root = temporaryFolder();
const events = { onWait: () => {}, onDamaged: () => {} };

test("keeps the cache below HARBOR_BUILD_CACHE, else in the user's cache folder", () => {
    assert.equal(cacheRoot({ HARBOR_BUILD_CACHE: "/c", XDG_CACHE_HOME: "/x" }), "/c/toolchain");
    assert.equal(cacheRoot({ XDG_CACHE_HOME: "/x" }), "/x/harbor-build/toolchain");
    assert.equal(cacheRoot({ HARBOR_BUILD_CACHE: "c" }), join(process.cwd(), "c", "toolchain"));
    assert.match(cacheRoot({}), /\/\.cache\/harbor-build\/toolchain$/);
});

test("names an entry by its piece and by everything that determines it", () => {
    const folder = (determinants: unknown) => entryOf("pulumi", determinants, root).folder;
    assert.match(folder(["1.0.0"]), /\/pulumi-[0-9a-f]{16}$/);
    assert.equal(folder(["1.0.0", { ldflags: "-s" }]), folder(["1.0.0", { ldflags: "-s" }]));
    assert.notEqual(folder(["1.0.0"]), folder(["1.0.1"]));
    assert.notEqual(folder(["1.0.0"]), entryOf("buildkit", ["1.0.0"], root).folder);
});

test("builds an entry once", async () => {
    const entry = entryOf("once", 1, root);
    let builds = 0;
    const build = async (folder: string) => {
        builds += 1;
        await writeFile(join(folder, "program"), "content");
    };
    await ensureEntry(entry, events, build);
    await ensureEntry(entry, events, build);
    assert.equal(builds, 1);
    assert.deepEqual(await checkOf(entry), { state: "good" });
});

test("leaves nothing of a failed build, so that the next build starts clean", async () => {
    const folder = join(root, "failing");
    const entry = entryOf("piece", 1, folder);
    await assert.rejects(
        ensureEntry(entry, events, async (built) => {
            await writeFile(join(built, "half"), "content");
            throw new Error("disk full");
        }),
        { message: "disk full" },
    );
    assert.deepEqual(await readdir(folder), []);
    await ensureEntry(entry, events, (built) => writeFile(join(built, "whole"), "content"));
    assert.deepEqual(await checkOf(entry), { state: "good" });
});

test("reports a damaged entry and builds it again", async () => {
    const entry = entryOf("damaged", 1, root);
    await ensureEntry(entry, events, (built) => writeFile(join(built, "program"), "content"));
    await truncate(join(entry.folder, "program"), 3);
    const reported: string[] = [];
    await ensureEntry(entry, { ...events, onDamaged: (reason) => reported.push(reason) }, (built) =>
        writeFile(join(built, "program"), "again"),
    );
    assert.deepEqual(reported, ["program has 3 bytes instead of 7"]);
    assert.equal(await readFile(join(entry.folder, "program"), "utf8"), "again");
});

test("builds an entry once when two processes need it", async () => {
    const log = join(root, "builds.log");
    await writeFile(log, "");
    const program = join(__dirname, "entryBuilder.ts");
    const builders = [1, 2].map(() =>
        spawn(process.execPath, ["--import", "tsx", program, root, log], { stdio: "inherit" }),
    );
    const codes = await Promise.all(builders.map(async (child) => (await once(child, "exit"))[0]));
    assert.deepEqual(codes, [0, 0]);
    const lines = (await readFile(log, "utf8")).trimEnd().split("\n").sort();
    assert.deepEqual(lines, ["built", "content", "content"]);
});

test("removes a piece's entries that nothing used for a month when it builds a new one", async () => {
    const folder = join(root, "old");
    const build = (built: string) => writeFile(join(built, "program"), "content");
    const entries = ["unused", "used", "new"].map((key) => entryOf("piece", key, folder));
    const [unused, used, fresh] = entries;
    assert.ok(unused && used && fresh);
    const neighbour = entryOf("piece-two", 1, folder);
    for (const entry of [unused, used, neighbour]) {
        await ensureEntry(entry, events, build);
    }
    const longAgo = new Date(Date.now() - 31 * 24 * 60 * 60 * 1000);
    for (const entry of [unused, neighbour]) {
        await utimes(join(entry.folder, ".stamps.json"), longAgo, longAgo);
    }
    await ensureEntry(fresh, events, build);
    assert.deepEqual(await checkOf(unused), { state: "absent" });
    for (const entry of [used, fresh, neighbour]) {
        assert.deepEqual(await checkOf(entry), { state: "good" });
    }
});
