import assert from "node:assert/strict";
import { test } from "node:test";
import { formatPlatform, parsePlatform } from "../../../src/dockerfile/platform";

test("spells a platform as BuildKit does", () => {
    const spellings = [
        ["linux/arm", "linux/arm/v7"],
        ["linux/arm/7", "linux/arm/v7"],
        ["linux/armhf", "linux/arm/v7"],
        ["linux/armel", "linux/arm/v6"],
        ["linux/arm64/v8", "linux/arm64"],
        ["Linux/aarch64", "linux/arm64"],
        ["linux/x86_64", "linux/amd64"],
        ["linux/amd64/v1", "linux/amd64"],
        ["linux/amd64/v3", "linux/amd64/v3"],
        ["linux/i386/x", "linux/386"],
        ["arm64", "linux/arm64"],
        ["linux", "linux"],
        ["macos/arm64", "darwin/arm64"],
        ["windows(10.0.17763)/amd64", "windows(10.0.17763)/amd64"],
    ] as const;
    assert.deepEqual(
        spellings.map(([text]) => formatPlatform(parsePlatform(text))),
        spellings.map(([, spelled]) => spelled),
    );
});

test("rejects anything that is not a platform, with the expected form", () => {
    assert.throws(() => parsePlatform("foo"), {
        message:
            '"foo" is not a platform; expected os/architecture or os/architecture/variant, such as linux/arm64',
    });
    for (const text of ["", "linux/amd64*", "a/b/c/d", "linux/", "lin ux/amd64"]) {
        assert.throws(() => parsePlatform(text), { name: "InstructionError" });
    }
});
