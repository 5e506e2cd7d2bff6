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

test("lists files, folders and links in order, without following links", () => {
    const tree = makeTree({ "b/c": "12345", a: "-> b", "d/": "" });
    assert.deepEqual(list(tree.root), ["+ link a", "+ directory b", "+ file b/c", "+ directory d"]);
    assert.equal(tree.root.children.get("a")?.target, "b");
    assert.equal(tree.root.children.get("b")?.children.get("c")?.size, 5);
});

test("does not enter an ignored folder", () => {
    assert.deepEqual(list(makeTree({ "a/b": "", c: "" }, "a").root), ["- directory a", "+ file c"]);
});

test("enters an ignored folder when a pattern may include something in it", () => {
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

test("keeps the mode of the file system", () => {
    const folder = makeFolder({ a: "" });
    chmodSync(join(folder, "a"), 0o640);
    assert.equal((readTree(folder).root.children.get("a")?.mode ?? 0) & 0o777, 0o640);
    rmSync(join(folder, "a"));
});

test("keeps the bytes of a name that is not UTF-8, also in links", () => {
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

test("reports a listing as current until a folder gains or loses an entry", () => {
    const folder = makeFolder({ "a/b": "", "c/d": "" });
    const tree = readTree(folder);
    list(tree.root);
    for (const path of ["", "a", "c"]) utimesSync(join(folder, path), 1, 1);
    assert.equal(tree.renew(), false);
    const again = readTree(folder);
    list(again.root);
    assert.equal(again.renew(), true);
    writeFileSync(join(folder, "a/e"), "");
    assert.equal(again.renew(), false);
});

test("finds the folder of generated files behind a link to the context", () => {
    const folder = makeFolder({ "program/.harbor-build/x": "", link: "-> program" });
    const options = { generated: join(folder, "program/.harbor-build") };
    for (const name of ["program", "link"]) {
        const { generated } = readTree(join(folder, name), undefined, options);
        assert.equal(generated, ".harbor-build");
    }
    assert.equal(readTree(folder, undefined, options).generated, "program/.harbor-build");
    const within = readTree(join(folder, "program/.harbor-build"), undefined, options);
    assert.equal(within.generated, undefined);
});
