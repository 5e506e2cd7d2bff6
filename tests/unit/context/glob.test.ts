import assert from "node:assert/strict";
import { test } from "node:test";
import { compileGlob } from "../../../src/context/glob";

function table(rows: readonly (readonly [pattern: string, path: string, match: boolean])[]): void {
    assert.deepEqual(
        rows.map(([pattern, path]) => [pattern, path, compileGlob(pattern)?.(path)]),
        rows,
    );
}

test("keeps * and ? within a path component", () => {
    table([
        ["*.go", "main.go", true],
        ["*.go", "cmd/main.go", false],
        ["*/*.go", "cmd/main.go", true],
        ["a*z", "az", true],
        ["?.md", "a.md", true],
        ["?.md", "é.md", true],
        ["?.md", ".md", false],
        ["a?b", "a/b", false],
        ["*", ".hidden", true],
    ]);
});

test("matches characters and ranges in classes, negated by ^", () => {
    table([
        ["[abc].x", "b.x", true],
        ["[a-c].x", "d.x", false],
        ["[^a-c].x", "d.x", true],
        ["[^a].x", "a.x", false],
        ["a[[]1", "a[1", true],
        ["[\\]]", "]", true],
        ["[a\\-z]", "-", true],
        ["[a\\-z]", "b", false],
        ["[z-a]", "b", false],
    ]);
});

test("matches an escaped character literally", () => {
    table([
        ["a\\*", "a*", true],
        ["a\\*", "ab", false],
        ["a.b", "axb", false],
        ["$(x)|{y}+^", "$(x)|{y}+^", true],
    ]);
});

test("matches nothing with a malformed pattern", () => {
    for (const pattern of ["[", "[a", "[]", "[]a]", "[-]", "[a-]", "[x-", "a\\"]) {
        assert.equal(compileGlob(pattern), undefined, pattern);
    }
});
