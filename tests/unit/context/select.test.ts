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

test("selects a file, a folder with its contents, and the root", () => {
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

test("leaves out ignored entries, and selects negated ones", () => {
    assert.deepEqual(paths(tree, "COPY secret /"), ["secret", "secret/open"]);
    assert.deepEqual(selection(tree, "COPY secret/key /"), { paths: [], missing: ["secret/key"] });
});

test("matches wildcards within a component, and selects everything below a match", () => {
    assert.deepEqual(paths(tree, "COPY *.md /"), ["a.md"]);
    assert.deepEqual(paths(tree, "COPY d*/de* /"), ["docs/deep", "docs/deep/d.md"]);
    assert.deepEqual(paths(tree, "COPY */*.txt /"), ["docs/e.txt"]);
});

test("follows links to a source and on the way, but not links in a folder", () => {
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

test("never follows a link out of the context, and finds nothing in a cycle", () => {
    assert.deepEqual(selection(tree, "COPY links/out loop /").missing, ["links/out", "loop"]);
});

test("applies --exclude below each source, not to the source", () => {
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

test("selects what the pattern of --parents matches below the pivot", () => {
    assert.deepEqual(paths(tree, "COPY --parents **/*.md /"), [
        "a.md",
        "docs/c.md",
        "docs/deep/d.md",
    ]);
    assert.deepEqual(paths(tree, "COPY --parents docs/./deep /"), ["docs/deep", "docs/deep/d.md"]);
    assert.deepEqual(selection(tree, "COPY --parents docs/none /").missing, ["docs/none"]);
});

test("reports a missing source without wildcards, and accepts a pattern without matches", () => {
    assert.deepEqual(selection(tree, "COPY none *.none a.md /"), {
        paths: ["a.md"],
        missing: ["none"],
    });
    assert.deepEqual(selection(tree, "RUN --mount=source=none,target=/x y").missing, ["none"]);
});

test("selects everything that is not ignored", () => {
    const nodes = [...selectAll(makeTree({ a: "", "b/c": "", "b/d": "" }, "b/c")).nodes];
    assert.deepEqual(nodes.map(({ path }) => path).sort(), ["", "a", "b", "b/d"]);
});

test("reads a folder before a wildcard without matches when BuildKit receives the folder", () => {
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

test("reports a folder before a wildcard without matches when BuildKit receives nothing of it", () => {
    const some = makeTree({ "dir/a.txt": "" });
    const missing = (...instructions: readonly string[]) =>
        selection(some, ...instructions).missing;
    assert.deepEqual(missing("COPY dir/*.json /x/"), ["dir/*.json"]);
    assert.deepEqual(missing("COPY dir/*.json /x/", "COPY dir/a.txt /y/"), []);
    assert.deepEqual(missing("COPY dir/*.json /x/", "RUN --mount=type=tmpfs,target=/t y"), []);
    assert.deepEqual(missing("COPY *.json /x/"), []);
});

test("selects the root's files with a wildcard before the pivot of --parents when a link matches", () => {
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

test("reports a broken link that a wildcard matches", () => {
    const some = makeTree({ a: "", dangling: "-> nowhere" });
    const [missing] = selectBy(some, "COPY * /x/").missing;
    assert.deepEqual([missing?.path, missing?.link?.target], ["dangling", "nowhere"]);
    assert.deepEqual(paths(some, "COPY . /x/"), ["", "a", "dangling"]);
});

test("accepts `..` after a missing component behind a link, as BuildKit does", () => {
    const some = makeTree({ b: "", a: "-> ./none/../b" });
    assert.deepEqual(paths(some, "COPY a /x/"), ["a", "b"]);
});

test("requires targets of links that are copied from the root with patterns", () => {
    const some = makeTree({ b: "", a: "-> b", dangling: "-> none", "dir/dangling": "-> none" });
    assert.deepEqual(paths(some, "COPY --parents a /x/"), ["a", "b"]);
    assert.deepEqual(selection(some, "COPY --exclude=b . /x/").missing, ["."]);
    assert.deepEqual(selection(some, "COPY --exclude=b dir /x/").missing, []);
    assert.deepEqual(selection(some, "COPY . /x/").missing, []);
});

test("selects a folder that is sent for its contents although --exclude removes all of them", () => {
    const some = makeTree({ "b/src": "", "c/d": "" }, "**\n!**/s*\n");
    assert.deepEqual(paths(some, "COPY --exclude=*/* . /x/"), ["b/src"]);
});

test("selects a file before the pivot of --parents with wildcards, and reports it without", () => {
    const some = makeTree({ "x.txt": "" });
    assert.deepEqual(selection(some, "COPY --parents x.txt/./y /x/").missing, ["x.txt/./y"]);
    assert.deepEqual(paths(some, "COPY --parents x*/./y /x/", "COPY x.txt /y/"), ["x.txt"]);
});

test("follows a link that wildcards match only to files that other instructions request", () => {
    const some = makeTree({ "a/link": "-> /", "b/c": "", d: "" });
    assert.deepEqual(paths(some, "COPY */link /x/"), ["a/link"]);
    assert.deepEqual(paths(some, "COPY */link /x/", "COPY d /y/"), ["a/link", "d"]);
});

test("sends only the first path, in byte order, of those through one link", () => {
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

test("treats ! as part of the name when it cleans a pattern of --exclude", () => {
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

test("reports a source below a file as missing", () => {
    const some = makeTree({ "a.txt": "" }, "ignored");
    assert.deepEqual(selection(some, "COPY a.txt/x /x/").missing, ["a.txt/x"]);
});

test("lists only the folders that reads name", () => {
    const some = makeTree({ "src/a": "", "more/b": "" });
    assert.deepEqual(paths(some, "COPY src *.json /x/"), ["src", "src/a"]);
    rmSync(join(some.location, "more"), { recursive: true });
    // The folder is gone, and nobody noticed.
    assert.deepEqual(some.root.children.get("more")?.kind, "directory");
});
