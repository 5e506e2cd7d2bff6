import assert from "node:assert/strict";
import { test } from "node:test";
import { normalizePlatform, parsePlatform } from "../../../src/oci/platform";

test("names platforms as BuildKit does", () => {
    const names = {
        "linux/amd64": ["linux/x86_64", "linux/x86-64", "Linux/AMD64", "linux/amd64/v1"],
        "linux/amd64/v3": ["linux/x86_64/V3"],
        "linux/arm/v7": ["linux/arm", "linux/arm/7", "linux/armhf", "linux/armhf/v6"],
        "linux/arm/v6": ["linux/arm/6", "linux/armel"],
        "linux/arm64": [
            "arm64",
            "linux/aarch64",
            "linux/arm64/v8",
            "linux/arm64/8",
            "linux/arm64/v8.0",
        ],
        "linux/arm64/v9": ["linux/arm64/9.0"],
        "linux/386": ["linux/i386", "linux/i386/v2"],
        "darwin/arm64": ["macos/arm64"],
        "linux/riscv64": [],
        linux: ["Linux"],
        "windows(10.0.17763)/amd64": ["windows(10.0.17763)/x86_64"],
    };
    for (const [name, spellings] of Object.entries(names)) {
        for (const spelling of [name, ...spellings]) {
            assert.equal(normalizePlatform(spelling), name, spelling);
        }
    }
});

test("is undefined for anything that is not a platform, whose spelling stays", () => {
    for (const text of ["", "foo", "linux/amd64*", "a/b/c/d", "linux/", "lin ux/amd64", "a(%)/b"]) {
        assert.equal(parsePlatform(text), undefined, text);
        assert.equal(normalizePlatform(text), text);
    }
});
