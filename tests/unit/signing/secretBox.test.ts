import assert from "node:assert/strict";
import { test } from "node:test";
import { openSecretBox } from "../../../src/signing/secretBox";

const bytes = (length: number, value: (index: number) => number) =>
    Buffer.from(Array.from({ length }, (_, index) => value(index)));
const key = bytes(32, (index) => index);
const nonce = bytes(24, (index) => 100 + index);

/** Sealed by Go's golang.org/x/crypto/nacl/secretbox 0.55.0: contents of no, of half and of two blocks. */
const boxes = {
    0: "9JVy1hlCgePIf7tOIQaTLA==",
    32: "vOf6RiXsIHF2HT1m0PsN4AK+l9wmleTYiMJl2WPfwXFO3UYiaDXRug6j9CnOQBtR",
    98: "FwEPUwAPrwjByB/VIuyNKAK+l9wmleTYiMJl2WPfwXFO3UYiaDXRug6j9CnOQBtRSIga7bM0kfXtCTFPNCifLJHH8H1+9UPei27FmX8ZLN2DTIK4FN+ie0FwGf9U2M+6ZKCzQuusIWP69P9a/G13X1pu",
};

test("opens boxes of each length, and none that is too short or has another key", () => {
    for (const [length, sealed] of Object.entries(boxes)) {
        const box = Buffer.from(sealed, "base64");
        const content = bytes(Number(length), (index) => index * 7);
        assert.deepEqual(openSecretBox(box, nonce, key), content);
        assert.equal(openSecretBox(box, nonce, Buffer.alloc(32)), undefined);
        assert.equal(openSecretBox(box.subarray(0, 15), nonce, key), undefined);
    }
});
