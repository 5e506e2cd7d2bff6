import assert from "node:assert/strict";
import { test } from "node:test";
import { checkReference } from "../../../src/dockerfile/reference";
import { nearest } from "../../../src/text/nearest";

test("accepts image references with host, port, tag and digest", () => {
    const digest = `sha256:${"0".repeat(64)}`;
    for (const reference of [
        "alpine",
        "alpine:3.20",
        "library/a__b-c.d:V1_x",
        "localhost/a",
        `harbor.example.com:8443/shop/fm:1@${digest}`,
        `a@sha512:${"0".repeat(128)}`,
        `[::1]:5000/a@${digest}`,
        "Host/a",
    ]) {
        assert.doesNotThrow(() => checkReference(reference));
    }
});

test("rejects an invalid reference with the part that is wrong", () => {
    const reasons: Record<string, string> = {
        Alpine: '"Alpine" is not allowed in a repository name, which is lower case',
        "a:b:c": '"a:b" is not allowed in a repository name, which is lower case',
        "a:-x": '"-x" is not a tag',
        ...Object.fromEntries(
            [
                "sha256:0",
                `sha256:${"0".repeat(32)}`,
                `sha256:${"A".repeat(64)}`,
                `sha1:${"0".repeat(40)}`,
                `sha512:${"0".repeat(64)}`,
                `md5+b:${"0".repeat(32)}`,
            ].map((digest) => [
                `a@${digest}`,
                `"${digest}" is not a digest; expected sha256: and 64 hexadecimal digits in lower case`,
            ]),
        ),
        "-h.x/a": '"-h.x" is not a host',
        "a//b": '"" is not allowed in a repository name, which is lower case',
    };
    for (const [reference, what] of Object.entries(reasons)) {
        assert.throws(() => checkReference(reference), {
            message: `"${reference}" is not an image reference: ${what}`,
        });
    }
});

test("suggests the nearest name, and nothing when all names differ too much", () => {
    assert.equal(nearest("biuld", ["deps", "build"]), "build");
    assert.equal(nearest("BUILDER", ["build", "builder"]), "builder");
    assert.equal(nearest("x", ["build"]), undefined);
    assert.equal(nearest("final", []), undefined);
});
