import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { selectAll } from "../../../src/context/select";
import type { ContextTree } from "../../../src/context/tree";
import { makeTree, selectBy } from "./folder";

function selection(tree: ContextTree, ...instructions: readonly string[]) {
    const found = selectBy(tree, ...instructions);
    return {
        paths: [...found.nodes].map(({ path }) => path).sort(),
        missing: found.missing.map(({ read }) => read.written),
    };
}

const paths = (tree: ContextTree, ...instructions: readonly string[]) =>
    selection(tree, ...instructions).paths;

const tree = makeTree(
    {
        "a.md": "",
        "b.txt": "",
        "docs/c.md": "",
        "docs/deep/d.md": "",
        "docs/e.txt": "",
        "empty/": "",
        link: "-> docs/deep",
        "links/up": "-> ../b.txt",
        "links/out": "-> ../../etc",
        loop: "-> loop",
        "secret/key": "",
        "secret/open": "",
    },
    "secret/*\n!secret/open\n",
);

test("a file, a folder with all in it, and the root", () => {
    assert.deepEqual(paths(tree, "COPY a.md /"), ["a.md"]);
    assert.deepEqual(paths(tree, "COPY docs empty /"), [
        "docs",
        "docs/c.md",
        "docs/deep",
        "docs/deep/d.md",
        "docs/e.txt",
        "empty",
    ]);
    assert.equal(paths(tree, "COPY . /").length, 16);
});

test("what is ignored is not taken, what is taken back is", () => {
    assert.deepEqual(paths(tree, "COPY secret /"), ["secret", "secret/open"]);
    assert.deepEqual(selection(tree, "COPY secret/key /"), { paths: [], missing: ["secret/key"] });
});

test("wildcards match within a component, and what is below a match is taken whole", () => {
    assert.deepEqual(paths(tree, "COPY *.md /"), ["a.md"]);
    assert.deepEqual(paths(tree, "COPY d*/de* /"), ["docs/deep", "docs/deep/d.md"]);
    assert.deepEqual(paths(tree, "COPY */*.txt /"), ["docs/e.txt"]);
});

test("links to a source and on the way are followed, links in a folder are not", () => {
    assert.deepEqual(paths(tree, "COPY link /"), ["docs/deep", "docs/deep/d.md", "link"]);
    assert.deepEqual(paths(tree, "COPY link/d.md /"), ["docs/deep/d.md", "link"]);
    assert.deepEqual(paths(tree, "COPY li* /"), [
        "docs/deep",
        "docs/deep/d.md",
        "link",
        "links",
        "links/out",
        "links/up",
    ]);
});

test("a link never leads out of the context, a loop leads nowhere", () => {
    assert.deepEqual(selection(tree, "COPY links/out loop /").missing, ["links/out", "loop"]);
});

test("--exclude leaves out below each source, not the source", () => {
    assert.deepEqual(paths(tree, "COPY --exclude=*.md docs a.md /"), [
        "a.md",
        "docs",
        "docs/deep",
        "docs/deep/d.md",
        "docs/e.txt",
    ]);
    assert.deepEqual(paths(tree, "COPY --exclude=**/*.md --exclude=!c.md docs /"), [
        "docs",
        "docs/c.md",
        "docs/deep",
        "docs/e.txt",
    ]);
});

test("--parents takes what its pattern matches below the pivot", () => {
    assert.deepEqual(paths(tree, "COPY --parents **/*.md /"), [
        "a.md",
        "docs/c.md",
        "docs/deep/d.md",
    ]);
    assert.deepEqual(paths(tree, "COPY --parents docs/./deep /"), ["docs/deep", "docs/deep/d.md"]);
    assert.deepEqual(selection(tree, "COPY --parents docs/none /").missing, ["docs/none"]);
});

test("a source without wildcards must be there, a pattern may match nothing", () => {
    assert.deepEqual(selection(tree, "COPY none *.none a.md /"), {
        paths: ["a.md"],
        missing: ["none"],
    });
    assert.deepEqual(selection(tree, "RUN --mount=source=none,target=/x y").missing, ["none"]);
});

test("all of a context is what is not ignored", () => {
    const nodes = [...selectAll(makeTree({ a: "", "b/c": "", "b/d": "" }, "b/c")).nodes];
    assert.deepEqual(nodes.map(({ path }) => path).sort(), ["", "a", "b", "b/d"]);
});

test("a folder before a wildcard that matches nothing is read when BuildKit gets it", () => {
    const some = makeTree({ "plugins/a.txt": "", "plugins/b.txt": "", "src/a/b/package.json": "" });
    const found = selectBy(some, "COPY --exclude=plugins . /y/", "COPY plugins/*.jar /x/");
    assert.equal(
        [...found.nodes].some(({ path }) => path === "plugins"),
        true,
    );
    assert.equal(
        [...found.nodes].some(({ path }) => path === "plugins/a.txt"),
        false,
    );
    assert.deepEqual(found.missing, []);
    // The client sends what matches with `**` crossing folders, the copy matches it within one.
    assert.deepEqual(selection(some, "COPY src/**/package.json /x/"), {
        paths: ["src/a/b/package.json"],
        missing: [],
    });
});

test("a folder before a wildcard that matches nothing is missing when BuildKit gets nothing of it", () => {
    const some = makeTree({ "dir/a.txt": "" });
    const missing = (...instructions: readonly string[]) =>
        selection(some, ...instructions).missing;
    assert.deepEqual(missing("COPY dir/*.json /x/"), ["dir/*.json"]);
    assert.deepEqual(missing("COPY dir/*.json /x/", "COPY dir/a.txt /y/"), []);
    assert.deepEqual(missing("COPY dir/*.json /x/", "RUN --mount=type=tmpfs,target=/t y"), []);
    assert.deepEqual(missing("COPY *.json /x/"), []);
});

test("--parents with a wildcard before the pivot takes the root's files when a link matches", () => {
    const files = { "d/x.txt": "", "e/y.txt": "", "root.txt": "" };
    const instruction = "COPY --parents */./x.txt /x/";
    assert.deepEqual(paths(makeTree(files), instruction), ["d/x.txt"]);
    assert.deepEqual(paths(makeTree({ ...files, link: "-> d" }), instruction), [
        "d/x.txt",
        "e",
        "link",
        "root.txt",
    ]);
});

test("a link that a wildcard matches must lead to something", () => {
    const some = makeTree({ a: "", dangling: "-> nowhere" });
    const [missing] = selectBy(some, "COPY * /x/").missing;
    assert.deepEqual([missing?.path, missing?.link?.target], ["dangling", "nowhere"]);
    assert.deepEqual(paths(some, "COPY . /x/"), ["", "a", "dangling"]);
});

test("what is missing on a link's way may be left again, as BuildKit takes it", () => {
    const some = makeTree({ b: "", a: "-> ./none/../b" });
    assert.deepEqual(paths(some, "COPY a /x/"), ["a", "b"]);
});

test("with patterns, links that are copied from the root must lead to something that is sent", () => {
    const some = makeTree({ b: "", a: "-> b", dangling: "-> none", "dir/dangling": "-> none" });
    assert.deepEqual(paths(some, "COPY --parents a /x/"), ["a", "b"]);
    assert.deepEqual(selection(some, "COPY --exclude=b . /x/").missing, ["."]);
    assert.deepEqual(selection(some, "COPY --exclude=b dir /x/").missing, []);
    assert.deepEqual(selection(some, "COPY . /x/").missing, []);
});

test("a folder that is sent for what is in it is copied although --exclude leaves nothing in it", () => {
    const some = makeTree({ "b/src": "", "c/d": "" }, "**\n!**/s*\n");
    assert.deepEqual(paths(some, "COPY --exclude=*/* . /x/"), ["b/src"]);
});

test("a file before the pivot of --parents is taken by wildcards, and is not there without", () => {
    const some = makeTree({ "x.txt": "" });
    assert.deepEqual(selection(some, "COPY --parents x.txt/./y /x/").missing, ["x.txt/./y"]);
    assert.deepEqual(paths(some, "COPY --parents x*/./y /x/", "COPY x.txt /y/"), ["x.txt"]);
});

test("behind a link that wildcards match, only what other instructions ask for is there", () => {
    const some = makeTree({ "a/link": "-> /", "b/c": "", d: "" });
    assert.deepEqual(paths(some, "COPY */link /x/"), ["a/link"]);
    assert.deepEqual(paths(some, "COPY */link /x/", "COPY d /y/"), ["a/link", "d"]);
});

test("of the paths through one link, the first in the order of their bytes decides what is sent", () => {
    const linked = makeTree({ "docs/a.md": "", "docs/b.txt": "", link: "-> docs" });
    assert.deepEqual(paths(linked, "COPY link/*.md /x/", "COPY --exclude=*.md link /x/"), [
        "docs",
        "docs/a.md",
        "docs/b.txt",
        "link",
    ]);
    assert.deepEqual(selection(linked, "COPY link/b.txt link/a.md /x/"), {
        paths: ["docs/a.md", "link"],
        missing: ["link/b.txt"],
    });
});

test("patterns of --exclude are cleaned, with the sign that takes back as part of a name", () => {
    const some = makeTree({ "a/b": "", "c/d": "", e: "" });
    const left = (exclude: string) =>
        paths(some, `COPY --exclude=${exclude} . /x/`).filter((path) => path !== "");
    const all = ["a", "a/b", "c", "c/d", "e"];
    assert.deepEqual(left("a/"), ["c", "c/d", "e"]);
    assert.deepEqual(left("./a"), ["c", "c/d", "e"]);
    assert.deepEqual(left("./*"), []);
    assert.deepEqual(left("x/../a"), ["c", "c/d", "e"]);
    assert.deepEqual(left("!x/../a"), ["c", "c/d", "e"]);
    assert.deepEqual(left("/a"), all);
});

test("a source below a file is missing", () => {
    const some = makeTree({ "a.txt": "" }, "ignored");
    assert.deepEqual(selection(some, "COPY a.txt/x /x/").missing, ["a.txt/x"]);
});

test("only the folders that reads name are listed", () => {
    const some = makeTree({ "src/a": "", "more/b": "" });
    assert.deepEqual(paths(some, "COPY src *.json /x/"), ["src", "src/a"]);
    rmSync(join(some.location, "more"), { recursive: true });
    // The folder is gone, and nobody noticed.
    assert.deepEqual(some.root.children.get("more")?.kind, "directory");
});
