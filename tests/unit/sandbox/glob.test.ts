import assert from "node:assert/strict";
import { test } from "node:test";
import { globMatches } from "../../../tools/sandbox/harbor/glob";

const names = [
    "cache",
    "fm",
    "fm/cache",
    "team/fm/cache",
    "fm/cache/x",
    "xcache",
    "v1",
    "v10",
    "va",
    "v1.0",
    "v1x0",
    "release-1",
    "a*",
];

/** What github.com/bmatcuk/doublestar v1.3.4, the version of Harbor 2.15, answers for these names. */
const table: readonly (readonly [pattern: string, taken: readonly string[]])[] = [
    ["**", names],
    ["", names], // Harbor's own rule, before it asks doublestar
    ["**/**", names],
    ["**/cache", ["cache", "fm/cache", "team/fm/cache"]],
    ["**/cache/**", ["fm/cache/x"]],
    ["**/fm/**", ["fm/cache", "team/fm/cache", "fm/cache/x"]],
    ["**/fm/**/cache", ["fm/cache", "team/fm/cache"]],
    ["fm/**", ["fm/cache", "fm/cache/x"]],
    ["fm/**/cache", ["fm/cache"]],
    ["cache", ["cache"]],
    ["*/cache", ["fm/cache"]],
    ["*/*", ["fm/cache"]],
    ["*cache", ["cache", "xcache"]],
    ["**cache", ["cache", "xcache"]],
    ["f**", ["fm"]],
    ["{fm,team/fm}/cache", ["fm/cache", "team/fm/cache"]],
    ["{fm/cache,cache}", ["cache", "fm/cache"]],
    ["{**/cache,va}", ["fm/cache"]],
    ["{v*,release-*}", ["v1", "v10", "va", "v1.0", "v1x0", "release-1"]],
    ["v{1{,0},a}", ["v1", "v10", "va"]],
    ["v?", ["v1", "va"]],
    ["v[0-9]", ["v1"]],
    ["v[^0-9]", ["va"]],
    ["v[!0-9]", ["v1"]],
    ["v[0-9]*", ["v1", "v10", "v1.0", "v1x0"]],
    ["v1.0", ["v1.0"]],
    ["a\\*", ["a*"]],
    ["a\\?", []],
    ["fm,va", []],
    ["**/", []],
    ["/cache", []],
];

for (const [pattern, taken] of table) {
    test(`matches ${taken.length} of the names with "${pattern}"`, () => {
        assert.deepEqual(
            names.filter((name) => globMatches(pattern, name) === true),
            taken,
        );
    });
}

test("distinguishes an unreadable pattern from one that matches nothing", () => {
    for (const pattern of ["v[", "v[0-", "v[0-]", "{v1", "v1\\", "v[]"]) {
        assert.equal(globMatches(pattern, pattern === "v1\\" ? "v1x" : "v1"), undefined, pattern);
    }
});
