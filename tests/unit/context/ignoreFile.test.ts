import assert from "node:assert/strict";
import { test } from "node:test";
import { readIgnoreFile } from "../../../src/context/ignoreFile";

test("skips comments and blank lines, and trims patterns", () => {
    const text = "\ufeff# comment\n\n  a/ \r\n #b\n! /c/../d/\n/e\n";
    const { file, failures } = readIgnoreFile(".dockerignore", text);
    assert.deepEqual(failures, []);
    assert.deepEqual(file, {
        name: ".dockerignore",
        text,
        unmodelled: undefined,
        patterns: [
            { line: 3, written: "a/", pattern: "a" },
            { line: 4, written: "#b", pattern: "#b" },
            { line: 5, written: "! /c/../d/", pattern: "!d" },
            { line: 6, written: "/e", pattern: "e" },
        ],
    });
});

test("reports patterns that BuildKit rejects, with their lines", () => {
    assert.deepEqual(readIgnoreFile("x", "a\n!\n[b\n").failures, [
        { line: 2, reason: '"!" negates nothing' },
        { line: 3, reason: '"[b" is not a pattern' },
    ]);
});

test("trims Go's white space, and reads a byte that is not UTF-8 as U+FFFD", () => {
    const { file } = readIgnoreFile("x", "\u0085a\u2003\n\ufeffb\nc\udce9\n");
    assert.deepEqual(
        file.patterns.map(({ pattern }) => pattern),
        ["a", "\ufeffb", "c\ufffd"],
    );
});

test("reports the first pattern that only BuildKit reads", () => {
    const { file, failures } = readIgnoreFile("x", "a\n!b[[:digit:]]\n");
    assert.deepEqual(failures, []);
    assert.deepEqual(file.unmodelled, {
        line: 2,
        written: "!b[[:digit:]]",
        pattern: "!b[[:digit:]]",
    });
});
