import assert from "node:assert/strict";
import { chmodSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { HugeContextError, readTree, type TreeNode } from "../../../src/context/tree";
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

test("too many entries are refused, naming the folders that hold most", () => {
    const folder = makeFolder({ "a/1": "", "a/2": "", "a/3": "", b: "", "c/1": "" });
    assert.throws(() => readTree(folder, undefined, { entriesMax: 5 }), {
        name: "HugeContextError",
        message:
            "it holds more than 5 files and folders; put what no stage reads into " +
            ".dockerignore, beginning with a (4), b (1), c (1)",
    });
    assert.ok(readTree(folder, undefined, { entriesMax: 7 }) !== undefined);
    assert.equal(new HugeContextError(1, new Map()).biggest.length, 0);
});

test("a mode is the file system's", () => {
    const folder = makeFolder({ a: "" });
    chmodSync(join(folder, "a"), 0o640);
    assert.equal((readTree(folder).root.children.get("a")?.mode ?? 0) & 0o777, 0o640);
    rmSync(join(folder, "a"));
});
