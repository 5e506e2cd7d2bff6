import assert from "node:assert/strict";
import { test } from "node:test";
import {
    readJsonWords,
    splitFirstWord,
    splitFlags,
    splitQuotedWords,
    splitWords,
} from "../../../src/dockerfile/words";

test("words are parted by blanks, whatever the quotes", () => {
    assert.deepEqual(splitWords('a "b c"\td'), ["a", '"b', 'c"', "d"]);
    assert.deepEqual(splitWords(""), []);
});

test("the first word is told from the rest", () => {
    assert.deepEqual(splitFirstWord("  COPY\ta  b "), ["COPY", "a  b"]);
    assert.deepEqual(splitFirstWord("CMD"), ["CMD", ""]);
});

test("flags are taken off the head, without their quotes and escapes", () => {
    assert.deepEqual(splitFlags(`--a=1 --b="x y" --c='z' --d=\\" -e --f`, "\\"), {
        flags: ["--a=1", "--b=x y", "--c=z", '--d="'],
        rest: "-e --f",
    });
});

test("a lone -- ends the flags", () => {
    assert.deepEqual(splitFlags("--a -- --b c", "\\"), { flags: ["--a"], rest: "--b c" });
});

test("quotes and escapes keep blanks together and stay in the word", () => {
    assert.deepEqual(splitQuotedWords(`a="b c" d='e\\' f=g\\ h i="j\\" k"`, "\\"), [
        'a="b c"',
        "d='e\\'",
        "f=g\\ h",
        'i="j\\" k"',
    ]);
});

test("a JSON array of strings is read, anything else is no array", () => {
    assert.deepEqual(readJsonWords(' ["a b", "c"]'), ["a b", "c"]);
    assert.equal(readJsonWords("[a, b]"), undefined);
    assert.equal(readJsonWords("a b"), undefined);
    assert.throws(() => readJsonWords('["a", 1]'), {
        message: "a JSON array holds strings only, not 1",
    });
});
