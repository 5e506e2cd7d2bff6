// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are words of Dockerfiles
import assert from "node:assert/strict";
import { test } from "node:test";
import {
    expand,
    expandDocument,
    expandWords,
    mayBe,
    type Value,
} from "../../../src/dockerfile/expand";

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

test("expands variables with and without braces", () => {
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

test("removes quotes: single ones protect everything, double ones protect blanks", () => {
    table([
        ["'$a'", "$a"],
        ['"$a b"', "one b"],
        ['"\\"\\$a\\x"', '"$a\\x'],
        ["\\$a", "$a"],
        ["a\\ b", "a b"],
        ["x\\", "x"],
    ]);
});

test("accepts another escape character", () => {
    assert.equal(expanded("`$a\\b", "`"), "$a\\b");
});

test("expands defaults and alternatives", () => {
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

test("removes prefixes and suffixes, shortest and longest", () => {
    table([
        ["${path#*/}", "y/z.tar.gz"],
        ["${path##*/}", "z.tar.gz"],
        ["${path%.*}", "x/y/z.tar"],
        ["${path%%.*}", "x/y/z"],
        ["${path#nothing}", "x/y/z.tar.gz"],
        ["${a%?}", "on"],
    ]);
});

test("replaces the first match or all matches", () => {
    table([
        ["${path/\\//-}", "x-y/z.tar.gz"],
        ["${path//\\//-}", "x-y-z.tar.gz"],
        ["${a/o*e/two}", "two"],
    ]);
});

test("makes a word that depends on an unknown value unknown, with the reason", () => {
    const unknown = { unknown: "nobody knows" };
    table([
        ["x$far", { ...unknown, like: "x\ud800" }],
        ["${far:-x}", unknown],
        ["${far/a/b}", unknown],
        ["${none:-$far}", unknown],
    ]);
});

test("ignores an unknown value that the substitution does not use", () => {
    table([
        ["${a:-$far}", "one"],
        ["${none:+$far}", ""],
        ["'$far'", "$far"],
    ]);
});

test("rejects what BuildKit rejects, with the word", () => {
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
            'cannot expand "${a": ${a…} is not supported; if a newer frontend accepts it, use SlicePolicy.Whole',
            'cannot expand "${a:=b}": ${a:=…} is not supported; if a newer frontend accepts it, use SlicePolicy.Whole',
            'cannot expand "\'a": a single quote is not closed',
            'cannot expand ""a": a double quote is not closed',
            'cannot expand "${none:?give it}": none: give it',
            'cannot expand "${none?}": none: must be set',
        ],
    );
});

test("keeps the known parts of an unknown value", () => {
    const like = "linux/\ud800";
    const lookup = (name: string) =>
        name === "p" ? { unknown: "not given", like } : values.get(name);
    assert.deepEqual(expand("x-$p-$a", lookup, "\\"), {
        unknown: "not given",
        like: "x-linux/\ud800-one",
    });
    assert.equal(expand("${p:+set}${p+ too}", lookup, "\\"), "set too");
    assert.deepEqual(expand("${p:-$far}", lookup, "\\"), { unknown: "not given", like });
});

test("finds the texts that an unknown value could equal from its known parts", () => {
    const value = { unknown: "", like: "x-\ud800-\ud800b" };
    assert.deepEqual(
        ["x--b", "x-1-2b", "x-b", "y--b", "x--bc", "x-"].map((text) => mayBe(value, text)),
        [true, true, false, false, false, false],
    );
    assert.equal(mayBe({ unknown: "" }, "anything"), true);
});

test("removes a byte order mark, and reads bytes that are not UTF-8 as U+FFFD", () => {
    table([
        ["\ufeffa\ufeff", "a\ufeff"],
        ["a\udcff'\udc80'", "a\ufffd\ufffd"],
    ]);
});

test("matches characters but not line breaks in patterns", () => {
    const lookup = (name: string) => (name === "s" ? "😀x\ny" : undefined);
    assert.deepEqual(
        ["${s#?}", "${s##*}", "${s%?}", "${s%%*}"].map((word) => expand(word, lookup, "\\")),
        ["x\ny", "\ny", "😀x\n", "😀x\n"],
    );
});

test("splits words after expansion, unless they are quoted", () => {
    const lookup = (name: string) => (name === "p" ? "80 90" : undefined);
    assert.deepEqual(expandWords("$p '$p' \"$p\"", lookup, "\\"), ["80", "90", "$p", "80 90"]);
});

test("reads quotes in a here-document as plain characters", () => {
    const lookup = (name: string) => values.get(name);
    assert.equal(expandDocument(`it's "$a" \\$a\n`, lookup), `it's "one" $a\n`);
    assert.throws(() => expandDocument("${", lookup), {
        message: 'cannot expand "${": bad substitution',
    });
});
