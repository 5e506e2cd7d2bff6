import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { type ContextTree, readTree } from "../../../src/context/tree";
import { allowList, escapePath } from "../../../src/slice/allowList";
import { makeFolder, makeTree, selectBy } from "../context/folder";

function lines(tree: ContextTree, ...instructions: readonly string[]): string[] {
    return allowList(tree, selectBy(tree, ...instructions))
        .trimEnd()
        .split("\n");
}

const files = { "a/b": "", "a/c/d": "", "a/c/e": "", "a/f": "", g: "", "h/i": "" };

test("excludes everything first, then includes what is read, a whole folder by one line", () => {
    assert.deepEqual(lines(makeTree(files), "COPY a/c g /"), ["**", "!a/c", "!g"]);
    assert.deepEqual(lines(makeTree(files), "RUN x"), ["**", "!.."]);
});

test("keeps what the ignore file excludes out, and includes what it negates", () => {
    assert.deepEqual(lines(makeTree(files, "a/c\n!a/c/e\n**/f\n"), "COPY a /"), [
        "**",
        "!a",
        "a/**",
        "!a/b",
        "!a/c/e",
    ]);
});

test("changes no line for a new file that nothing reads", () => {
    const more = { ...files, "x/y": "", "a/z": "" };
    assert.deepEqual(lines(makeTree(more), "COPY a/c g /"), lines(makeTree(files), "COPY a/c g /"));
});

test("matches odd names literally", () => {
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
    assert.equal(escapePath("\u0085 a b\u3000", { negated: true }), "? a b?");
    assert.equal(escapePath(" \u00a0", { negated: true }), "??");
    assert.equal(escapePath("a\tb/\u007f", { negated: true }), "a?b/?");
});

test("includes a folder that is read for itself without its contents", () => {
    const tree = makeTree({ "plugins/a": "", "plugins/b/c": "", "#d/e": "" });
    const instructions = [
        "COPY --exclude=plugins --exclude=#d . /y/",
        "COPY plugins/*.jar \\#d/*.x /x/",
    ];
    assert.deepEqual(lines(tree, ...instructions), [
        "**",
        "!#d",
        "\\#d/**",
        "!plugins",
        "plugins/**",
    ]);
});

test("writes a pattern for a name that cannot be written, and a separate line for each match", () => {
    const folder = makeFolder({ axb: "", c: "" });
    const name = Buffer.from("a\xe9b", "latin1");
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), name]), "");
    const tree = readTree(folder);
    assert.deepEqual(lines(tree, "COPY . /"), ["**", "!a?b", "!axb", "!c"]);
    assert.deepEqual(lines(tree, "COPY --exclude=axb . /"), ["**", "!a?b", "axb", "!c"]);
    assert.deepEqual(lines(tree, "COPY axb /"), ["**", "!axb"]);
});
