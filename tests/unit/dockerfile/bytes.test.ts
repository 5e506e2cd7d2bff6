import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeText, encodeText, replaceStrayBytes } from "../../../src/dockerfile/bytes";

test("decodes UTF-8 text as UTF-8", () => {
    assert.equal(decodeText(Buffer.from("é😀\ufffd")), "é😀\ufffd");
    assert.deepEqual(encodeText("é😀\ufffd"), Buffer.from("é😀\ufffd"));
});

test("keeps bytes that are not UTF-8 next to bytes that are", () => {
    const bytes = Buffer.from([
        0x61, 0xff, 0xc3, 0xa9, 0xc3, 0xed, 0xa0, 0x80, 0xf0, 0x9f, 0x98, 0x80,
    ]);
    assert.equal(decodeText(bytes), "a\udcffé\udcc3\udced\udca0\udc80😀");
    assert.deepEqual(encodeText(decodeText(bytes)), bytes);
});

test("restores every sequence of three bytes", () => {
    for (let first = 0; first < 256; first++) {
        const rows = Array.from({ length: 256 }, (_, second) => [
            first,
            second,
            second ^ first,
            0x80,
        ]);
        const bytes = Buffer.from(rows.flat());
        assert.deepEqual(encodeText(decodeText(bytes)), bytes);
    }
});

test("reads each byte that is not UTF-8 as U+FFFD, like Go", () => {
    assert.equal(replaceStrayBytes("a\udcff\udc80é😀"), "a\ufffd\ufffdé😀");
});
