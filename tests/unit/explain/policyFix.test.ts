import assert from "node:assert/strict";
import { test } from "node:test";
import { classifyBuildFault } from "../../../src/explain/classify";
import { policyFix } from "../../../src/explain/policyFix";

const app = "harbor.example.com/shop/fm:latest";
const cache = "harbor.example.com/shop/fm/cache:dev__build";

/** Recorded with Harbor 2.15, with what cures it for an app image and for a cache. */
const table: readonly (readonly [words: string, app: RegExp, cache: RegExp])[] = [
    [
        "The image is not signed by cosign.",
        /^A push first reads .*tagByContent: true.*tags/,
        /^The cache is not signed: .*cache\.project/,
    ],
    [
        "current image without vulnerability scanning cannot be pulled due to configured policy in 'Prevent images with …'",
        /^A push first reads .*tagByContent: true.*tags/,
        /cache\.backend: CacheBackend\.Registry.*cache\.project.*ImageProject.*deploymentSecurity/,
    ],
];

for (const [words, forApp, forCache] of table) {
    test(`gives advice on "${words.slice(0, 40)}…" for what is pushed`, () => {
        assert.match(policyFix(words, app) ?? "", forApp);
        assert.match(policyFix(words, cache) ?? "", forCache);
        const url = "https://harbor.example.com/v2/shop/fm/cache/manifests/dev__build";
        assert.match(policyFix(words, url) ?? "", forCache);
    });
}

test("distinguishes immutable tags by repository in the build's error", () => {
    const adviceFor = (tag: string) =>
        classifyBuildFault(
            `failed to push h/shop/x/cache:dev: unknown: Failed to process request due to '${tag}' configured as immutable.`,
        ).advice;
    assert.match(adviceFor("fm:latest"), /tagByContent: true.*exclude the tag from the rule/);
    assert.match(
        adviceFor("fm/cache:dev"),
        /must exclude the repositories "\*\*\/cache".*cache\.project/,
    );
});

test("does not treat an image whose name ends in cache as a cache", () => {
    const words = "Failed to process request due to 'mycache:1' configured as immutable.";
    assert.match(policyFix(words, "h/shop/mycache:1") ?? "", /^Push under a tag/);
});

test("returns nothing for messages about other things than a policy", () => {
    assert.equal(policyFix("unauthorized: project shop not found", app), undefined);
});
