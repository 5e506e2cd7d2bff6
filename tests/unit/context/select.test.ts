import assert from "node:assert/strict";
import { test } from "node:test";
import { select, selectAll } from "../../../src/context/select";
import type { ContextTree } from "../../../src/context/tree";
import { parseDockerfile, resolveStages } from "../../../src/dockerfile";
import { readsOf } from "../../../src/dockerfile/reads";
import { makeTree } from "./folder";

function selection(tree: ContextTree, instruction: string) {
    const dockerfile = parseDockerfile(`FROM scratch\n${instruction}\n`);
    const { stages } = readsOf(dockerfile, resolveStages(dockerfile));
    const found = select(
        tree,
        stages.flatMap(({ context }) => context),
    );
    return {
        paths: [...found.nodes].map(({ path }) => path).sort(),
        missing: found.missing.map(({ written }) => written),
    };
}

const paths = (tree: ContextTree, instruction: string) => selection(tree, instruction).paths;

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
