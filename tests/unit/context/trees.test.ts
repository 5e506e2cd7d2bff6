import assert from "node:assert/strict";
import { rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ContextTrees } from "../../../src/context";
import { FileDigests } from "../../../src/context/fileDigests";
import { readIgnoreFile } from "../../../src/context/ignoreFile";
import { readTree } from "../../../src/context/tree";
import { makeFolder } from "./folder";

/** A folder that nothing has changed for a while. */
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
