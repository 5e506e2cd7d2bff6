import assert from "node:assert/strict";
import { test } from "node:test";
import { reaches, versionIn } from "../../../tools/toolchain/version";

test("compares versions number by number", () => {
    const cases: [string, string, boolean][] = [
        ["3.259.0", "3.259.0", true],
        ["v3.259.1", "3.259.0", true],
        ["3.99.0", "3.259.0", false],
        ["4.0.0", "3.259.0", true],
        ["1.26.8", "1.26", true],
        ["1.26", "1.26.1", false],
        ["1.9", "1.26", false],
        ["24.21.0", "22", true],
        ["3.259.0-alpha.1+build", "3.259.0", true],
    ];
    for (const [version, minimum, expected] of cases) {
        assert.equal(reaches(version, minimum), expected, `${version} against ${minimum}`);
    }
});

test("finds a version in the output of a program", () => {
    assert.equal(versionIn("buildkitd github.com/moby/buildkit v0.31.1 abc"), "0.31.1");
    assert.equal(versionIn("go1.26"), "1.26");
    assert.equal(versionIn("nothing here"), undefined);
});
