// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are lines of Dockerfiles
import assert from "node:assert/strict";
import { test } from "node:test";
import { findHeredocs, readHeredoc } from "../../../src/dockerfile/heredoc";

const names = (line: string) => findHeredocs(line).map(({ name }) => name);

test("opens the here-documents outside quotes, in order", () => {
    assert.deepEqual(names(`RUN a <<A 3<<-"B c" '<<C' "x <<D" << E`), ["A", "B c", "E"]);
});

test("opens no here-document in a line that BuildKit's lexer rejects", () => {
    assert.deepEqual(names("RUN n=$((1 << ${#x}))"), []);
    assert.deepEqual(names("RUN echo ${x^^} <<EOF"), []);
    assert.deepEqual(names("RUN echo ' <<EOF"), []);
});

test("opens here-documents after a substitution that the lexer keeps", () => {
    assert.deepEqual(names("RUN echo ${x:=y} ${y:-z} <<EOF"), ["EOF"]);
    // The argument of a substitution empties the word before it.
    assert.deepEqual(names("RUN cat <<${x:-EOF}"), []);
});

test("expands the text unless a quote in the word prevents it", () => {
    assert.deepEqual(
        ["<<A", "<<'A'", '<<A"b"', "<<a\\'b"].map((word) => readHeredoc(word)),
        [
            { name: "A", expand: true, chomp: false },
            { name: "A", expand: false, chomp: false },
            { name: "Ab", expand: false, chomp: false },
            { name: "a'b", expand: true, chomp: false },
        ],
    );
});
