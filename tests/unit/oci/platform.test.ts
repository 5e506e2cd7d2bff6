import assert from "node:assert/strict";
import { test } from "node:test";
import { normalizePlatform } from "../../../src/oci/platform";

test("names platforms as BuildKit does", () => {
    const names = {
        "linux/amd64": ["linux/x86_64", "linux/x86-64", "Linux/AMD64", "linux/amd64/v1"],
        "linux/amd64/v3": ["linux/x86_64/V3"],
        "linux/arm/v7": ["linux/arm", "linux/arm/7", "linux/armhf", "linux/armhf/v6"],
        "linux/arm/v6": ["linux/arm/6", "linux/armel"],
        "linux/arm64": ["linux/aarch64", "linux/arm64/v8", "linux/arm64/8", "linux/arm64/v8.0"],
        "linux/arm64/v9": ["linux/arm64/9.0"],
        "linux/386": ["linux/i386", "linux/i386/v2"],
        "darwin/arm64": ["macos/arm64"],
        "linux/riscv64": [],
    };
    for (const [name, spellings] of Object.entries(names)) {
        for (const spelling of [name, ...spellings]) {
            assert.equal(normalizePlatform(spelling), name, spelling);
        }
    }
});
