import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chmodSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ContextTrees } from "../../../src/context";
import { FileDigests } from "../../../src/context/fileDigests";
import { readIgnoreFile } from "../../../src/context/ignoreFile";
import { readTree } from "../../../src/context/tree";
import { makeFolder } from "./folder";

/** A folder in which no entry was added or removed for a while. */
function oldFolder(): string {
    const folder = makeFolder({ a: "a", "b/c": "c" });
    for (const path of ["", "b"]) utimesSync(join(folder, path), 1, 1);
    return folder;
}

const ignoring = (text: string) => readIgnoreFile(".dockerignore", text).file;

test("lists a context once for all readers with the same ignore file", () => {
    const folder = oldFolder();
    const trees = new ContextTrees();
    const tree = trees.read(folder, ignoring("x\n"), {});
    assert.equal(trees.read(`${folder}/`, ignoring("x\n"), {}), tree);
    assert.notEqual(trees.read(folder, ignoring("y\n"), {}), tree);
    assert.notEqual(trees.read(folder, undefined, {}), tree);
    assert.notEqual(new ContextTrees().read(folder, ignoring("x\n"), {}), tree);
});

test("lists a context again after a listed folder gains an entry", () => {
    const folder = oldFolder();
    const trees = new ContextTrees();
    const tree = trees.read(folder, undefined, {});
    writeFileSync(join(folder, "b/d"), "");
    // Nobody has looked into that folder yet.
    assert.equal(trees.read(folder, undefined, {}), tree);
    assert.deepEqual([...(tree.root.children.get("b")?.children.keys() ?? [])], ["c", "d"]);
    writeFileSync(join(folder, "b/e"), "");
    const again = trees.read(folder, undefined, {});
    assert.deepEqual([...(again.root.children.get("b")?.children.keys() ?? [])], ["c", "d", "e"]);
});

test("reads a file's content once, and again when its size or time of change differ", () => {
    const folder = oldFolder();
    const digests = new FileDigests();
    const digest = () => {
        const node = readTree(folder).root.children.get("a");
        assert.ok(node !== undefined);
        return { node, digest: digests.in(folder).digestOf(node).toString("hex") };
    };
    const { node, digest: first } = digest();
    writeFileSync(join(folder, "a"), "b");
    assert.notEqual(digest().digest, first);
    rmSync(join(folder, "a"));
    // A known digest needs no file.
    const known = new FileDigests().in(folder);
    writeFileSync(join(folder, "a"), "a");
    const current = readTree(folder).root.children.get("a") ?? node;
    const digestNow = known.digestOf(current);
    rmSync(join(folder, "a"));
    assert.equal(known.digestOf(current), digestNow);
});

test("takes the digest of the whole of a file, however large", () => {
    const mib = 1 << 20;
    const sizes = [0, mib - 1, mib, mib + 1, 2 * mib, 3 * mib + 5];
    const bytes = (size: number) => Buffer.alloc(size, "0123456789");
    const folder = makeFolder({});
    for (const size of sizes) writeFileSync(join(folder, String(size)), bytes(size));
    const digests = new FileDigests().in(folder);
    const { children } = readTree(folder).root;
    for (const size of sizes) {
        const node = children.get(String(size));
        assert.ok(node !== undefined);
        const expected = createHash("sha256").update(bytes(size)).digest("hex");
        assert.equal(digests.digestOf(node).toString("hex"), expected, `${size} bytes`);
    }
});

test("reads a file again that is overwritten in place between two components", () => {
    const folder = oldFolder();
    const trees = new ContextTrees();
    const read = () => {
        const tree = trees.read(folder, undefined, {});
        const node = tree.root.children.get("a");
        assert.ok(node !== undefined);
        const digest = tree.digests.digestOf(node).toString("hex");
        return { tree, digest, size: node.size, mode: node.mode & 0o7777 };
    };
    const first = read();
    writeFileSync(join(folder, "a"), "b");
    const second = read();
    assert.equal(second.tree, first.tree);
    assert.notEqual(second.digest, first.digest);
    // As long as a file is new, its time can be the same after a change.
    for (const text of ["c", "d", "e", "f"]) {
        const before = read().digest;
        writeFileSync(join(folder, "a"), text);
        assert.notEqual(read().digest, before, text);
    }
    writeFileSync(join(folder, "a"), "longer");
    chmodSync(join(folder, "a"), 0o600);
    assert.deepEqual([read().size, read().mode], [6, 0o600]);
});

test("lists a folder again that changed shortly before", () => {
    const folder = makeFolder({ a: "a" });
    const trees = new ContextTrees();
    const names = () => [...trees.read(folder, undefined, {}).root.children.keys()];
    for (const name of ["b", "c", "d", "e"]) {
        names();
        writeFileSync(join(folder, name), "");
        assert.ok(names().includes(name), name);
    }
});
