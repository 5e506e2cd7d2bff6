import assert from "node:assert/strict";
import { chmodSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readTree } from "../../../src/context/tree";
import type { TreeNode } from "../../../src/context/treeNode";
import { makeFolder, makeTree } from "./folder";

function list(node: TreeNode): string[] {
    return [...node.children.values()].flatMap((child) => [
        `${child.ignored ? "-" : "+"} ${child.kind} ${child.path}`,
        ...list(child),
    ]);
}

test("files, folders and links are listed in order, links are not followed", () => {
    const tree = makeTree({ "b/c": "12345", a: "-> b", "d/": "" });
    assert.deepEqual(list(tree.root), ["+ link a", "+ directory b", "+ file b/c", "+ directory d"]);
    assert.equal(tree.root.children.get("a")?.target, "b");
    assert.equal(tree.root.children.get("b")?.children.get("c")?.size, 5);
});

test("an ignored folder is not entered", () => {
    assert.deepEqual(list(makeTree({ "a/b": "", c: "" }, "a").root), ["- directory a", "+ file c"]);
});

test("an ignored folder is entered when something in it may be taken back", () => {
    assert.deepEqual(list(makeTree({ "a/b": "", "a/c": "", "d/e": "" }, "*\n!a/b").root), [
        "- directory a",
        "+ file a/b",
        "- file a/c",
        "- directory d",
    ]);
    assert.deepEqual(list(makeTree({ "a/b": "", "d/e": "" }, "*\n!*/e").root), [
        "- directory a",
        "- file a/b",
        "- directory d",
        "+ file d/e",
    ]);
});

test("a mode is the file system's", () => {
    const folder = makeFolder({ a: "" });
    chmodSync(join(folder, "a"), 0o640);
    assert.equal((readTree(folder).root.children.get("a")?.mode ?? 0) & 0o777, 0o640);
    rmSync(join(folder, "a"));
});

test("a name that is no UTF-8 keeps its bytes, in links, too", () => {
    const folder = makeFolder({ "é.txt": "", plain: "" });
    const name = Buffer.from("caf\xe9", "latin1");
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), name]), "content");
    symlinkSync(name, join(folder, "link"));
    const tree = readTree(folder);
    assert.deepEqual(list(tree.root), [
        "+ file caf\udce9",
        "+ link link",
        "+ file plain",
        "+ file é.txt",
    ]);
    assert.equal(tree.root.children.get("link")?.target, "caf\udce9");
    assert.equal(tree.root.children.get("caf\udce9")?.size, 7);
});

test("a listing is current until a folder of it gets or loses an entry", () => {
    const folder = makeFolder({ "a/b": "", "c/d": "" });
    const tree = readTree(folder);
    list(tree.root);
    for (const path of ["", "a", "c"]) utimesSync(join(folder, path), 1, 1);
    assert.equal(tree.isCurrent(), false);
    const again = readTree(folder);
    list(again.root);
    assert.equal(again.isCurrent(), true);
    writeFileSync(join(folder, "a/e"), "");
    assert.equal(again.isCurrent(), false);
});
