// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are words of Dockerfiles
import assert from "node:assert/strict";
import { test } from "node:test";
import { expand, type Value } from "../../../src/dockerfile/expand";

const values = new Map<string, Value>([
    ["a", "one"],
    ["empty", ""],
    ["path", "x/y/z.tar.gz"],
    ["far", { unknown: "nobody knows" }],
]);
const expanded = (word: string, escapeChar = "\\") =>
    expand(word, (name) => values.get(name), escapeChar);

function table(rows: readonly (readonly [word: string, result: Value])[]): void {
    assert.deepEqual(
        rows.map(([word]) => [word, expanded(word)]),
        rows,
    );
}

test("variables are put in, with and without braces", () => {
    table([
        ["$a", "one"],
        ["x${a}y", "xoney"],
        ["$a.b", "one.b"],
        ["$none", ""],
        ["$", "$"],
        ["$(a)", "$(a)"],
        ["$1a", "a"],
    ]);
});

test("quotes go, single ones keep everything, double ones keep blanks", () => {
    table([
        ["'$a'", "$a"],
        ['"$a b"', "one b"],
        ['"\\"\\$a\\x"', '"$a\\x'],
        ["\\$a", "$a"],
        ["a\\ b", "a b"],
        ["x\\", "x"],
    ]);
});

test("the escape character may be another", () => {
    assert.equal(expanded("`$a\\b", "`"), "$a\\b");
});

test("defaults and alternatives", () => {
    table([
        ["${none:-x}", "x"],
        ["${none-x}", "x"],
        ["${empty:-x}", "x"],
        ["${empty-x}", ""],
        ["${a:-x}", "one"],
        ["${a:+x}", "x"],
        ["${empty:+x}", ""],
        ["${empty+x}", "x"],
        ["${none:-${a}}", "one"],
        ["${none:-'a}b'}", "a}b"],
        ["${a:?must}", "one"],
    ]);
});

test("prefixes and suffixes, shortest and longest", () => {
    table([
        ["${path#*/}", "y/z.tar.gz"],
        ["${path##*/}", "z.tar.gz"],
        ["${path%.*}", "x/y/z.tar"],
        ["${path%%.*}", "x/y/z"],
        ["${path#nothing}", "x/y/z.tar.gz"],
        ["${a%?}", "on"],
    ]);
});

test("replacements, of the first and of all", () => {
    table([
        ["${path/\\//-}", "x-y/z.tar.gz"],
        ["${path//\\//-}", "x-y-z.tar.gz"],
        ["${a/o*e/two}", "two"],
    ]);
});

test("a word that hangs on an unknown value is unknown, with the reason", () => {
    const unknown = { unknown: "nobody knows" };
    table([
        ["x$far", unknown],
        ["${far:-x}", unknown],
        ["${far/a/b}", unknown],
        ["${none:-$far}", unknown],
    ]);
});

test("an unknown value that is not taken does not matter", () => {
    table([
        ["${a:-$far}", "one"],
        ["${none:+$far}", ""],
        ["'$far'", "$far"],
    ]);
});

test("what BuildKit does not take is refused with the word", () => {
    const message = (word: string) => {
        try {
            return expanded(word);
        } catch (error) {
            return error instanceof Error ? error.message : "";
        }
    };
    assert.deepEqual(
        ["${", "${a", "${a:=b}", "'a", '"a', "${none:?give it}", "${none?}"].map(message),
        [
            'cannot expand "${": bad substitution',
            'cannot expand "${a": ${a…} is not supported',
            'cannot expand "${a:=b}": ${a:=…} is not supported',
            'cannot expand "\'a": a single quote is not closed',
            'cannot expand ""a": a double quote is not closed',
            'cannot expand "${none:?give it}": none: give it',
            'cannot expand "${none?}": none: must be set',
        ],
    );
});
