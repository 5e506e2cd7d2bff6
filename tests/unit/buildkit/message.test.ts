import assert from "node:assert/strict";
import { test } from "node:test";
import { encode, Message } from "../../../src/buildkit/message";

test("reads texts and numbers as they were written", () => {
    const message = new Message(encode({ 1: "é", 2: 300, 16: "far", 3: 1_795_624_152 }));
    assert.equal(message.text(1), "é");
    assert.equal(message.number(2), 300);
    assert.equal(message.number(3), 1_795_624_152);
    assert.equal(message.text(16), "far");
});

test("reads a missing field as its default", () => {
    const message = new Message(Buffer.alloc(0));
    assert.equal(message.text(1), "");
    assert.equal(message.number(1), 0);
    assert.equal(message.timeMs(1), undefined);
    assert.deepEqual(message.entries(1), {});
});

test("skips fields of fixed width", () => {
    const fixed = Buffer.from([0x09, 1, 2, 3, 4, 5, 6, 7, 8, 0x15, 1, 2, 3, 4]);
    assert.equal(new Message(Buffer.concat([fixed, encode({ 3: "x" })])).text(3), "x");
});

for (const [name, bytes] of [
    ["in a number", [0x08, 0x80]],
    ["in a text", [0x0a, 5, 0x61]],
    ["in an unknown wire type", [0x0b]],
] as const) {
    test(`rejects bytes that end ${name}`, () => {
        assert.throws(() => new Message(Buffer.from(bytes)));
    });
}
