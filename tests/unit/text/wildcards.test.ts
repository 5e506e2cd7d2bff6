import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ShellPattern } from "../../../src/dockerfile/shellPattern";

const text = fc.string({ unit: fc.constantFrom("a", "b", "/", "\n"), maxLength: 12 });
const pattern = fc.string({ unit: fc.constantFrom("a", "b", "/", "*", "?"), maxLength: 6 });

/** The expression that BuildKit makes of a pattern (frontend/dockerfile/shell/lex.go). */
const source = (written: string, greedy: boolean) =>
    [...written]
        .map((char) => ({ "*": greedy ? "[^\\n]*" : "[^\\n]*?", "?": "[^\\n]" })[char] ?? char)
        .join("");

test("removes what BuildKit's regular expressions remove", () => {
    fc.assert(
        fc.property(text, pattern, fc.boolean(), (value, written, greedy) => {
            const shell = new ShellPattern(written);
            const start = new RegExp(`^${source(written, greedy)}`, "u");
            assert.equal(shell.trimStart(value, greedy), value.replace(start, ""));
            // BuildKit reverses both, to remove from the start.
            const backwards = [...written].reverse().join("");
            const end = new RegExp(`^${source(backwards, greedy)}`, "u");
            const rest = [...value].reverse().join("").replace(end, "");
            assert.equal(shell.trimEnd(value, greedy), [...rest].reverse().join(""));
        }),
        { numRuns: 3000 },
    );
});

test("replaces what BuildKit's regular expressions match", () => {
    fc.assert(
        fc.property(text, pattern, (value, written) => {
            const shell = new ShellPattern(written);
            const expression = source(written, true);
            assert.equal(
                shell.split(value, { all: false }).join("-"),
                value.replace(new RegExp(expression, "u"), "-"),
            );
            // Go drops an empty match directly after a match; JavaScript does not.
            let lastEnd = -1;
            const all = value.replace(new RegExp(expression, "gu"), (found: string, at: number) => {
                const abuts = found === "" && at === lastEnd;
                lastEnd = at + found.length;
                return abuts ? "" : "-";
            });
            assert.equal(shell.split(value, { all: true }).join("-"), all);
        }),
        { numRuns: 3000 },
    );
});
