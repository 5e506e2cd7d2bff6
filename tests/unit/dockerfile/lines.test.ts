import assert from "node:assert/strict";
import { test } from "node:test";
import { readLines } from "../../../src/dockerfile/lines";

const texts = (text: string) => readLines(text).lines.map((line) => line.text);
const places = (text: string) => readLines(text).lines.map(({ line, endLine }) => [line, endLine]);

test("reads an instruction per line, without comments and blank lines", () => {
    const text = "# c\nFROM a\n\n  # d\n\tRUN b\n";
    assert.deepEqual(texts(text), ["FROM a", "RUN b"]);
    assert.deepEqual(places(text), [
        [2, 2],
        [5, 5],
    ]);
});

test("joins the next line after a trailing escape, across comments and empty lines", () => {
    const text = "RUN a \\\n# c\n\n  b \\  \n c\nRUN d";
    assert.deepEqual(texts(text), ["RUN a   b  c", "RUN d"]);
    assert.deepEqual(places(text), [
        [1, 5],
        [6, 6],
    ]);
});

test("joins nothing after an escaped escape", () => {
    assert.deepEqual(texts("COPY a c:\\\\\nRUN b\n"), ["COPY a c:\\\\", "RUN b"]);
});

test("joins lines with the character of the escape directive", () => {
    assert.deepEqual(texts("# escape=`\nRUN a `\n b\\\nRUN c\n"), ["RUN a  b\\", "RUN c"]);
});

test("drops the line breaks of Windows and a byte order mark", () => {
    assert.deepEqual(texts("\ufeffFROM a\r\nRUN b \\\r\n c\r\n"), ["FROM a", "RUN b  c"]);
});

test("ends a here-document at a line with only its word", () => {
    const { lines } = readLines("COPY <<A <<-'B' /x\nFROM no\nA\n\tb\n\tB\nRUN c\n");
    assert.deepEqual(
        lines.map(({ text, line, endLine, heredocs }) => ({ text, line, endLine, heredocs })),
        [
            {
                text: "COPY <<A <<-'B' /x",
                line: 1,
                endLine: 5,
                heredocs: [
                    { name: "A", expand: true, chomp: false, content: "FROM no\n" },
                    { name: "B", expand: false, chomp: true, content: "\tb\n" },
                ],
            },
            { text: "RUN c", line: 6, endLine: 6, heredocs: [] },
        ],
    );
});

test("opens nothing with << in quotes, in JSON and in instructions without here-documents", () => {
    const text = 'RUN sh -c "cat <<A"\nRUN ["cat", "<<A"]\nENV a=<<A\nRUN echo $((1<<2))\n';
    assert.equal(readLines(text).lines.length, 4);
    assert.deepEqual(readLines(text).failures, []);
});

test("accepts a file descriptor before a here-document, and ONBUILD before its instruction", () => {
    assert.deepEqual(texts("RUN 3<<A x\nFROM no\nA\nONBUILD COPY <<B /x\nFROM no\nB\n"), [
        "RUN 3<<A x",
        "ONBUILD COPY <<B /x",
    ]);
});

test("reports a here-document without an end at its first line", () => {
    assert.deepEqual(readLines("FROM a\nCOPY <<A /x\nb\n").failures, [
        { line: 2, reason: 'the here-document in "COPY <<A /x" has no end' },
    ]);
});

test("keeps the lines of an instruction without comments in between", () => {
    const { lines } = readLines("# check=skip=x\nRUN a \\\n# c\n  b <<A\nx\n\nA\n");
    assert.deepEqual(lines[0]?.source, [
        { line: 2, text: "RUN a \\" },
        { line: 4, text: "  b <<A" },
        { line: 5, text: "x" },
        { line: 6, text: "" },
        { line: 7, text: "A" },
    ]);
});

test("lists comments that configure the checks of an instruction, separate from directives", () => {
    const text =
        "# check=error=true\nFROM a\n# x\n# Check = skip=x\nRUN b\n# no\nRUN c\n" +
        "# check=skip=y\n#\nRUN d\n";
    const { checks, head } = readLines(text);
    assert.deepEqual(head, [{ line: 1, text: "# check=skip=x;error=true" }]);
    assert.deepEqual(checks, [{ line: 4, text: "# Check = skip=x" }]);
});

test("rejects a line that is longer than BuildKit's scanner accepts", () => {
    assert.deepEqual(readLines(`FROM a\nRUN ${"x".repeat(65_536)}\n`).failures, [
        { line: 2, reason: "the line is too long; expected at most 65535 bytes" },
    ]);
});
