import assert from "node:assert/strict";
import { test } from "node:test";
import { builderOf } from "../../../src/image/builders";

test("a platform's own builder builds its image, and the other builder builds all others", () => {
    const args = { builder: "ci", platformBuilders: { "linux/aarch64": "arm" } };
    assert.deepEqual(
        ["linux/arm64", "linux/amd64", undefined].map((platform) => builderOf(args, platform)),
        ["arm", "ci", "ci"],
    );
    assert.equal(builderOf({}, "linux/arm64"), undefined);
});
