import assert from "node:assert/strict";
import { test } from "node:test";
import {
    isSpace,
    readJsonWords,
    splitFirstWord,
    splitFlags,
    splitQuotedWords,
    splitWords,
    trimSpace,
} from "../../../src/dockerfile/words";

test("splits words at blanks, regardless of quotes", () => {
    assert.deepEqual(splitWords('a "b c"\td'), ["a", '"b', 'c"', "d"]);
    assert.deepEqual(splitWords(""), []);
});

test("splits the first word from the rest", () => {
    assert.deepEqual(splitFirstWord("  COPY\ta  b "), ["COPY", "a  b"]);
    assert.deepEqual(splitFirstWord("CMD"), ["CMD", ""]);
});

test("splits flags from the head, without quotes and escapes", () => {
    assert.deepEqual(splitFlags(`--a=1 --b="x y" --c='z' --d=\\" -e --f`, "\\"), {
        flags: ["--a=1", "--b=x y", "--c=z", '--d="'],
        rest: "-e --f",
    });
});

test("ends the flags at a lone --", () => {
    assert.deepEqual(splitFlags("--a -- --b c", "\\"), { flags: ["--a"], rest: "--b c" });
});

test("protects blanks by quotes and escapes, which stay in the word", () => {
    assert.deepEqual(splitQuotedWords(`a="b c" d='e\\' f=g\\ h i="j\\" k"`, "\\"), [
        'a="b c"',
        "d='e\\'",
        "f=g\\ h",
        'i="j\\" k"',
    ]);
});

test("reads a JSON array of strings and no other text", () => {
    assert.deepEqual(readJsonWords(' ["a b", "c"]'), ["a b", "c"]);
    assert.equal(readJsonWords("[a, b]"), undefined);
    assert.equal(readJsonWords("a b"), undefined);
    assert.throws(() => readJsonWords('["a", 1]'), {
        message: "a JSON array may contain only strings, not 1",
    });
});

test("reads U+0085 as white space and U+FEFF not, like Go", () => {
    const chars = [
        "\t",
        "\v",
        " ",
        "\u0085",
        "\u00a0",
        "\u2003",
        "\u3000",
        "\ufeff",
        "\u200b",
        "\u180e",
    ];
    assert.deepEqual(chars.map(isSpace), [
        true,
        true,
        true,
        true,
        true,
        true,
        true,
        false,
        false,
        false,
    ]);
    assert.equal(trimSpace("\u0085 \ufeffa\u3000"), "\ufeffa");
});

test("reads flags byte by byte", () => {
    assert.deepEqual(splitFlags("--exclude=\u00e9 \u00e9", "\\"), {
        flags: ["--exclude=\u00c3\u00a9"],
        rest: "\u00e9",
    });
    // The second byte of U+00E0 is a no-break space.
    assert.deepEqual(splitFlags("--a=\u00e0b c", "\\"), { flags: ["--a=\u00c3"], rest: "b c" });
    assert.deepEqual(splitFlags("--link\u00a0--from=0 a", "\\"), {
        flags: ["--link\u00c2", "--from=0"],
        rest: "a",
    });
    assert.deepEqual(splitFlags("\u00a0--from=0 a", "\\"), { flags: [], rest: "--from=0 a" });
});

test("ends the flags at a -- in quotes", () => {
    assert.deepEqual(splitFlags('--""  --b c', "\\"), { flags: [], rest: "--b c" });
});
