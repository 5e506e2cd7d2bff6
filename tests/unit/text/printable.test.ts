import assert from "node:assert/strict";
import { test } from "node:test";
import { RequestError, RequestErrorKind } from "../../../src/http/error";
import { printable } from "../../../src/text/printable";

test("makes one line of a text, without control characters", () => {
    assert.equal(printable("a\r\n\u001b[31mb\u0000c\u009b\u2028d\u202ee"), "a [31mb c d e");
});

test("breaks the commands of CI services", () => {
    assert.equal(printable("::add-mask::x"), ": :add-mask::x");
    assert.equal(printable("x\n  ::error file=a::b"), "x   : :error file=a::b");
    assert.equal(
        printable("x ##[group]a ##vso[task.setvariable]b"),
        "x # #[group]a # #vso[task.setvariable]b",
    );
});

test("leaves other texts alone", () => {
    const text = 'Get "https://[::1]:5000/v2/": dial tcp fe80::1: std::string ## heading';
    assert.equal(printable(text), text);
});

test("cuts long texts", () => {
    assert.equal(printable("a".repeat(3000)), `${"a".repeat(2000)}…`);
});

test("every error of a request is printable", () => {
    const error = new RequestError({
        kind: RequestErrorKind.Status,
        status: 500,
        code: "A\n::stop-commands::x",
        reason: "b\n::add-mask::c",
    });
    assert.equal(error.message, "Harbor answered 500 A : :stop-commands::x: b : :add-mask::c");
    assert.equal(error.reason, "b : :add-mask::c");
});
