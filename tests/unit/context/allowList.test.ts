import assert from "node:assert/strict";
import { test } from "node:test";
import { allowList, escapePath } from "../../../src/context/allowList";
import { select } from "../../../src/context/select";
import type { ContextTree } from "../../../src/context/tree";
import { parseDockerfile, resolveStages } from "../../../src/dockerfile";
import { readsOf } from "../../../src/dockerfile/reads";
import { makeTree } from "./folder";

function lines(tree: ContextTree, instruction: string): string[] {
    const dockerfile = parseDockerfile(`FROM scratch\n${instruction}\n`);
    const { stages } = readsOf(dockerfile, resolveStages(dockerfile));
    const reads = stages.flatMap(({ context }) => context);
    return allowList(tree, select(tree, reads)).trimEnd().split("\n");
}

const files = { "a/b": "", "a/c/d": "", "a/c/e": "", "a/f": "", g: "", "h/i": "" };

test("everything is shut out first, then what is read is let in, a whole folder by one line", () => {
    assert.deepEqual(lines(makeTree(files), "COPY a/c g /"), ["**", "!a/c", "!g"]);
    assert.deepEqual(lines(makeTree(files), "RUN x"), ["**"]);
});

test("what the ignore file keeps out stays out, what it takes back comes in", () => {
    assert.deepEqual(lines(makeTree(files, "a/c\n!a/c/e\n**/f\n"), "COPY a /"), [
        "**",
        "!a",
        "a/c",
        "!a/c/e",
        "a/f",
    ]);
});

test("a new file that nothing reads changes no line", () => {
    const more = { ...files, "x/y": "", "a/z": "" };
    assert.deepEqual(lines(makeTree(more), "COPY a/c g /"), lines(makeTree(files), "COPY a/c g /"));
});

test("odd names stand for themselves", () => {
    const tree = makeTree({
        "#a": "",
        "!b": "",
        "[c]": "",
        "d*": "",
        "e\\f": "",
        " g ": "",
        "h^": "",
    });
    assert.deepEqual(lines(tree, "COPY . /"), [
        "**",
        "!?g?",
        "!!b",
        "!#a",
        "!\\[c\\]",
        "!d\\*",
        "!e\\\\f",
        "!h\\^",
    ]);
    assert.equal(escapePath("#a", { negated: false }), "\\#a");
    assert.equal(escapePath("!a", { negated: false }), "\\!a");
});
