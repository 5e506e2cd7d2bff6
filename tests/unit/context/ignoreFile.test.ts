import assert from "node:assert/strict";
import { test } from "node:test";
import { readIgnoreFile } from "../../../src/context/ignoreFile";

test("comments and blank lines are skipped, blanks around patterns go", () => {
    const { file, failures } = readIgnoreFile(
        ".dockerignore",
        "\ufeff# comment\n\n  a/ \r\n #b\n! /c/../d/\n/e\n",
    );
    assert.deepEqual(failures, []);
    assert.deepEqual(file, {
        name: ".dockerignore",
        patterns: [
            { line: 3, written: "a/", pattern: "a" },
            { line: 4, written: "#b", pattern: "#b" },
            { line: 5, written: "! /c/../d/", pattern: "!d" },
            { line: 6, written: "/e", pattern: "e" },
        ],
    });
});

test("patterns that BuildKit does not take are told with their lines", () => {
    assert.deepEqual(readIgnoreFile("x", "a\n!\n[b\n").failures, [
        { line: 2, reason: '"!" negates nothing' },
        { line: 3, reason: '"[b" is no pattern' },
    ]);
});
