import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import {
    chmod,
    mkdir,
    readdir,
    readFile,
    rm,
    stat,
    symlink,
    truncate,
    utimes,
    writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import {
    newBuildFolder,
    publishEntry,
    removeEntry,
} from "../../../tools/toolchain/cache/entry.cjs";
import { checkEntry } from "../../../tools/toolchain/cache/manifest.cjs";
import { temporaryFolder } from "./temporary";

const root = temporaryFolder();
let count = 0;

/** Makes an entry of one executable, one file in a folder and one link. */
async function publishedEntry(): Promise<string> {
    count += 1;
    const folder = join(root, `piece-${count}`);
    await publishEntry(await builtFolder(folder), folder);
    return folder;
}

async function builtFolder(folder: string, text = "text"): Promise<string> {
    const built = await newBuildFolder(folder);
    await mkdir(join(built, "share"));
    await writeFile(join(built, "program"), "#!/bin/sh\necho hello\n", { mode: 0o755 });
    await writeFile(join(built, "share", "data"), text);
    await symlink("share/data", join(built, "link"));
    return built;
}

test("reports a folder that was never published as absent", async () => {
    assert.deepEqual(await checkEntry(join(root, "nothing")), { state: "absent" });
});

test("reports a published entry as good and removes its build folder", async () => {
    const folder = await publishedEntry();
    assert.deepEqual(await checkEntry(folder), { state: "good" });
    const leftovers = (await readdir(root)).filter((name) => name.startsWith("."));
    assert.deepEqual(leftovers, []);
});

test("reports a truncated file as damage", async () => {
    const folder = await publishedEntry();
    await truncate(join(folder, "program"), 5);
    assert.deepEqual(await checkEntry(folder), {
        state: "damaged",
        reason: "program has 5 bytes instead of 21",
    });
});

test("reports a flipped byte as damage when the size is unchanged", async () => {
    const folder = await publishedEntry();
    await writeFile(join(folder, "share", "data"), "tExt");
    assert.deepEqual(await checkEntry(folder), {
        state: "damaged",
        reason: "share/data has different content",
    });
});

test("reports a flipped byte as damage when size and modification time are unchanged", async () => {
    const folder = await publishedEntry();
    const path = join(folder, "share", "data");
    const { atime, mtime } = await stat(path);
    await writeFile(path, "tExt");
    await utimes(path, atime, mtime);
    assert.deepEqual(await checkEntry(folder), {
        state: "damaged",
        reason: "share/data has different content",
    });
});

test("reports a missing file as damage", async () => {
    const folder = await publishedEntry();
    await rm(join(folder, "program"));
    assert.deepEqual(await checkEntry(folder), {
        state: "damaged",
        reason: "program cannot be read (ENOENT)",
    });
});

test("reports a lost executable bit as damage", async () => {
    const folder = await publishedEntry();
    await chmod(join(folder, "program"), 0o644);
    assert.deepEqual(await checkEntry(folder), {
        state: "damaged",
        reason: "program has a different mode",
    });
});

test("reports a changed link target as damage", async () => {
    const folder = await publishedEntry();
    await rm(join(folder, "link"));
    await symlink("/etc/passwd", join(folder, "link"));
    assert.deepEqual(await checkEntry(folder), {
        state: "damaged",
        reason: "link is a different link",
    });
});

test("reports a partial folder without a manifest as damage", async () => {
    const folder = join(root, "half-built");
    await mkdir(folder);
    await writeFile(join(folder, "program"), "half");
    assert.deepEqual(await checkEntry(folder), {
        state: "damaged",
        reason: "its manifest cannot be read (ENOENT)",
    });
});

test("reports a truncated manifest as damage", async () => {
    const folder = await publishedEntry();
    await truncate(join(folder, ".manifest.json"), 20);
    assert.deepEqual(await checkEntry(folder), {
        state: "damaged",
        reason: "its manifest is broken",
    });
});

test("hashes files whose times changed, and knows them the next time", async () => {
    const folder = await publishedEntry();
    await utimes(join(folder, "program"), new Date(0), new Date(0));
    const stamps = () => readFile(join(folder, ".stamps.json"), "utf8");
    const before = await stamps();
    assert.deepEqual(await checkEntry(folder), { state: "good" });
    assert.notEqual(await stamps(), before);
    const hashed = await stamps();
    assert.deepEqual(await checkEntry(folder), { state: "good" });
    assert.equal(await stamps(), hashed);
});

test("hashes an entry without stamps and reports it as good", async () => {
    const folder = await publishedEntry();
    await rm(join(folder, ".stamps.json"));
    assert.deepEqual(await checkEntry(folder), { state: "good" });
    assert.ok(existsSync(join(folder, ".stamps.json")));
});

test("keeps a complete entry when another one is published", async () => {
    const folder = await publishedEntry();
    await publishEntry(await builtFolder(folder, "second"), folder);
    assert.equal(await readFile(join(folder, "share", "data"), "utf8"), "text");
    assert.deepEqual(
        (await readdir(root)).filter((name) => name.startsWith(".")),
        [],
    );
});

test("replaces a damaged entry when another one is published", async () => {
    const folder = await publishedEntry();
    await truncate(join(folder, "program"), 0);
    await publishEntry(await builtFolder(folder, "second"), folder);
    assert.equal(await readFile(join(folder, "share", "data"), "utf8"), "second");
    assert.deepEqual(await checkEntry(folder), { state: "good" });
});

test("removes an entry twice without an error", async () => {
    const folder = await publishedEntry();
    await removeEntry(folder);
    await removeEntry(folder);
    assert.equal(existsSync(folder), false);
});

test("removes old partial folders and keeps fresh ones", async () => {
    const folder = join(root, "interrupted");
    const old = await newBuildFolder(folder);
    const fresh = await newBuildFolder(folder);
    const twoHoursAgo = new Date(Date.now() - 2 * 60 * 60 * 1000);
    await utimes(old, twoHoursAgo, twoHoursAgo);
    await rm(await newBuildFolder(folder), { recursive: true });
    assert.equal(existsSync(old), false);
    assert.equal(existsSync(fresh), true);
    await rm(fresh, { recursive: true });
});
