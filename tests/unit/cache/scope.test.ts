import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cacheTag, encodeScopePart } from "../../../src/cache/scope";
import { tagFault } from "../../../src/oci/reference";

test("keeps a plain name", () => {
    for (const name of ["dev", "prod-eu", "v1.2", "a", "7"]) {
        assert.equal(encodeScopePart(name), name);
    }
});

test("keeps the readable part of a name that is not a tag, and adds a hash", () => {
    assert.equal(encodeScopePart("Feature/Login"), "feature-login_h1ce27709f2");
    assert.equal(encodeScopePart("dev_1"), "dev-1_h9f32e2436d");
    assert.match(encodeScopePart("/dev./"), /^dev_h[0-9a-f]{10}$/);
    assert.match(encodeScopePart("分支"), /^_h[0-9a-f]{10}$/);
});

test("gives the app and each stage separate tags in one scope", () => {
    assert.equal(cacheTag({ scope: "dev" }), "dev");
    assert.equal(cacheTag({ scope: "dev", stage: "build" }), "dev__build");
    assert.equal(
        cacheTag({ scope: "dev", stage: "build_base" }),
        `dev__${encodeScopePart("build_base")}`,
    );
});

test("gives each of several platforms a separate cache", () => {
    assert.equal(cacheTag({ scope: "dev", platform: "arm64" }), "dev____arm64");
    assert.equal(
        cacheTag({ scope: "dev", stage: "build", platform: "arm64" }),
        "dev__build__arm64",
    );
});

test("separates scope and stage by what neither may contain", () => {
    for (const separator of ["-", "--", ".", "_", "__"]) {
        assert.notEqual(
            cacheTag({ scope: `a${separator}b` }),
            cacheTag({ scope: "a", stage: "b" }),
        );
    }
});

test("gives different scopes and stages different, valid tags", () => {
    const name = fc.string({
        unit: fc.constantFrom("a", "B", "_", "-", ".", "/", "h", "0"),
        minLength: 1,
    });
    const part = fc.option(name, { nil: undefined });
    const key = fc.record({ scope: name, stage: part, platform: part });
    fc.assert(
        fc.property(key, key, (left, right) => {
            const [leftTag, rightTag] = [cacheTag(left), cacheTag(right)];
            assert.equal(tagFault(leftTag), undefined);
            assert.equal(leftTag === rightTag, JSON.stringify(left) === JSON.stringify(right));
        }),
        { numRuns: 2000 },
    );
});

test("limits a long name to the length of a tag", () => {
    assert.equal(encodeScopePart("x".repeat(50)), "x".repeat(50));
    assert.match(encodeScopePart("x".repeat(51)), /^x{50}_h[0-9a-f]{10}$/);
    const long = "x".repeat(300);
    assert.equal(encodeScopePart(long).length, 62);
    assert.equal(tagFault(cacheTag({ scope: long, stage: long })), undefined);
});

test("fits a long scope, a long stage and a platform into one unique tag", () => {
    const long = "x".repeat(60);
    const tags = ["linux/arm/v7", "linux/arm/v6"].map((platform) =>
        cacheTag({ scope: long, stage: long, platform }),
    );
    assert.deepEqual(
        tags.map(({ length }) => length),
        [128, 128],
    );
    assert.deepEqual(tags.map(tagFault), [undefined, undefined]);
    assert.notEqual(tags[0], tags[1]);
    const [scope, stage, platform] = ["s".repeat(50), "t".repeat(50), "p".repeat(24)];
    const longest = [scope, stage, platform].join("__");
    assert.equal(cacheTag({ scope, stage, platform }), longest);
    const beyond = cacheTag({ scope, stage, platform: `${platform}q` });
    assert.match(beyond, /^s{50}__t{50}__p{12}_h[0-9a-f]{10}$/);
});
