import assert from "node:assert/strict";
import { test } from "node:test";
import {
    cleanPattern,
    noParents,
    PatternMatcher,
    patternFault,
} from "../../../src/context/matcher";

/** Whether a path matches, after a walk through its directories. */
function matched(patterns: readonly string[], path: string): boolean {
    const matcher = new PatternMatcher(patterns);
    let above = noParents;
    let result = false;
    const parts = path.split("/");
    for (const index of parts.keys()) {
        const { matched: now, parents } = matcher.match(parts.slice(0, index + 1).join("/"), above);
        above = parents;
        result = now;
    }
    return result;
}

function table(rows: readonly (readonly [pattern: string, path: string, match: boolean])[]): void {
    assert.deepEqual(
        rows.map(([pattern, path]) => [pattern, path, matched(pattern.split(" "), path)]),
        rows,
    );
}

test("matches a path from the root and everything below it", () => {
    table([
        ["vendor", "vendor", true],
        ["vendor", "vendor/a/b", true],
        ["vendor", "src/vendor", false],
        ["vendor", "vendor2", false],
        ["a/b", "a/b/c", true],
        ["*.md", "a.md", true],
        ["*.md", "docs/a.md", false],
        ["docs/*", "docs/a/b", true],
        ["docs/*", "docs", false],
    ]);
});

test("lets ** match any number of directories, including none", () => {
    table([
        ["**", "a/b", true],
        ["**/*.md", "a.md", true],
        ["**/*.md", "a/b/c.md", true],
        ["**/node_modules", "node_modules", true],
        ["**/node_modules", "a/node_modules/b", true],
        ["**/node_modules", "a/my_node_modules", false],
        ["a/**/z", "a/z", true],
        ["a/**/z", "a/b/c/z", true],
        ["a/**", "a", false],
        ["a/**", "a/b", true],
        ["a/**/*.go", "a/b.go", true],
        ["**.tmp", "a/b.tmp", true],
        ["**foo*", "a/foox", true],
        ["**foo*", "a/xfoo", false],
    ]);
});

test("lets the last matching pattern decide, with ! for exceptions", () => {
    table([
        ["* !a", "a", false],
        ["* !a", "b", true],
        ["!a *", "a", true],
        ["logs !logs/keep", "logs/keep", false],
        ["logs !logs/keep", "logs/other", true],
        ["logs !logs logs/drop", "logs/drop", true],
        ["** !src src/*.log !src/keep.log", "src/keep.log", false],
        ["** !src src/*.log", "src/a.log", true],
        ["** !src", "src/a/b", false],
    ]);
});

test("returns the pattern that decided", () => {
    const matcher = new PatternMatcher(["a", "!a/b", "a/b/c"]);
    const a = matcher.match("a", noParents);
    const b = matcher.match("a/b", a.parents);
    const c = matcher.match("a/b/c", b.parents);
    const other = matcher.match("x", noParents);
    assert.deepEqual(
        [a, b, c, other].map(({ matched: yes, decidedBy }) => [yes, decidedBy]),
        [
            [true, 0],
            [false, 1],
            [true, 2],
            [false, undefined],
        ],
    );
});

test("matches special characters of regular expressions and escapes literally", () => {
    table([
        ["a.b", "axb", false],
        ["a+(b)|{c}$*", "a+(b)|{c}$x", true],
        ["a\\*b", "a*b", true],
        ["a\\*b", "axb", false],
        ["[ab].x", "b.x", true],
        ["[^ab].x", "b.x", false],
        ["[\\]x].c", "].c", true],
        ["[\\^x].c", "^.c", true],
        ["[\\\\x].c", "\\.c", true],
        ["[a-c].c", "b.c", true],
        ["[a\\-c].c", "b.c", false],
        ["[a\\-c].c", "-.c", true],
    ]);
});

test("cleans patterns as Go cleans paths", () => {
    assert.deepEqual(
        ["a/", "./a//b", "a/../b", "../a", "/../a", "", "/", "a/.."].map(cleanPattern),
        ["a", "a/b", "b", "../a", "/a", ".", "/", "."],
    );
});

test("distinguishes patterns that BuildKit rejects from those that only BuildKit can read", () => {
    assert.deepEqual(
        ["!", "", " ", "a[", "a\\", "[]", "[[:digit:]]", "\\d*", "[z-a]", "a", "**/[a-z]*"].map(
            patternFault,
        ),
        [
            "malformed",
            undefined,
            undefined,
            "malformed",
            "malformed",
            "malformed",
            "unmodelled",
            "unmodelled",
            "unmodelled",
            undefined,
            undefined,
        ],
    );
});
