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
import { newBuildFolder, publishEntry, removeEntry } from "../../../toolchain/cache/entry.cjs";
import { checkEntry } from "../../../toolchain/cache/manifest.cjs";
import { temporaryFolder } from "./temporary";

const root = temporaryFolder();
let count = 0;

/** An entry of one executable, one file in a folder and one link. */
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

test("a folder that was never published is absent", async () => {
    assert.deepEqual(await checkEntry(join(root, "nothing")), { state: "absent" });
});

test("a published entry is good, and its build folder is gone", async () => {
    const folder = await publishedEntry();
    assert.deepEqual(await checkEntry(folder), { state: "good" });
    const leftovers = (await readdir(root)).filter((name) => name.startsWith("."));
    assert.deepEqual(leftovers, []);
});

test("a truncated file is damage", async () => {
    const folder = await publishedEntry();
    await truncate(join(folder, "program"), 5);
    assert.deepEqual(await checkEntry(folder), {
        state: "damaged",
        reason: "program has 5 bytes instead of 21",
    });
});

test("a flipped byte is damage although the size is right", async () => {
    const folder = await publishedEntry();
    await writeFile(join(folder, "share", "data"), "tExt");
    assert.deepEqual(await checkEntry(folder), {
        state: "damaged",
        reason: "share/data has other content",
    });
});

test("a flipped byte is damage although size and modification time are right", async () => {
    const folder = await publishedEntry();
    const path = join(folder, "share", "data");
    const { atime, mtime } = await stat(path);
    await writeFile(path, "tExt");
    await utimes(path, atime, mtime);
    assert.deepEqual(await checkEntry(folder), {
        state: "damaged",
        reason: "share/data has other content",
    });
});

test("a missing file is damage", async () => {
    const folder = await publishedEntry();
    await rm(join(folder, "program"));
    assert.deepEqual(await checkEntry(folder), {
        state: "damaged",
        reason: "program cannot be read (ENOENT)",
    });
});

test("a program that lost its executable bit is damage", async () => {
    const folder = await publishedEntry();
    await chmod(join(folder, "program"), 0o644);
    assert.deepEqual(await checkEntry(folder), {
        state: "damaged",
        reason: "program has another mode",
    });
});

test("a link that points elsewhere is damage", async () => {
    const folder = await publishedEntry();
    await rm(join(folder, "link"));
    await symlink("/etc/passwd", join(folder, "link"));
    assert.deepEqual(await checkEntry(folder), {
        state: "damaged",
        reason: "link is not the link it was",
    });
});

test("a half-built folder, which has no manifest, is damage", async () => {
    const folder = join(root, "half-built");
    await mkdir(folder);
    await writeFile(join(folder, "program"), "half");
    assert.deepEqual(await checkEntry(folder), {
        state: "damaged",
        reason: "its manifest cannot be read (ENOENT)",
    });
});

test("a truncated manifest is damage", async () => {
    const folder = await publishedEntry();
    await truncate(join(folder, ".manifest.json"), 20);
    assert.deepEqual(await checkEntry(folder), {
        state: "damaged",
        reason: "its manifest is broken",
    });
});

test("files with other times are hashed, found whole and known the next time", async () => {
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

test("an entry without its stamps is hashed and good", async () => {
    const folder = await publishedEntry();
    await rm(join(folder, ".stamps.json"));
    assert.deepEqual(await checkEntry(folder), { state: "good" });
    assert.ok(existsSync(join(folder, ".stamps.json")));
});

test("publishing over a whole entry keeps that one", async () => {
    const folder = await publishedEntry();
    await publishEntry(await builtFolder(folder, "second"), folder);
    assert.equal(await readFile(join(folder, "share", "data"), "utf8"), "text");
    assert.deepEqual(
        (await readdir(root)).filter((name) => name.startsWith(".")),
        [],
    );
});

test("publishing over a damaged entry replaces it", async () => {
    const folder = await publishedEntry();
    await truncate(join(folder, "program"), 0);
    await publishEntry(await builtFolder(folder, "second"), folder);
    assert.equal(await readFile(join(folder, "share", "data"), "utf8"), "second");
    assert.deepEqual(await checkEntry(folder), { state: "good" });
});

test("removing an entry twice is no error", async () => {
    const folder = await publishedEntry();
    await removeEntry(folder);
    await removeEntry(folder);
    assert.equal(existsSync(folder), false);
});

test("old leftovers of dead builders are removed, fresh ones are not", async () => {
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
