import assert from "node:assert/strict";
import { test } from "node:test";
import { selects, selectsRepository } from "../../../sandbox/harbor/selectors";

const matches = (pattern: string, name: string): boolean =>
    selects({ kind: "doublestar", decoration: "matches", pattern }, name);

test("one star stays within a path segment, two cross them", () => {
    assert.equal(matches("app*", "app-1"), true);
    assert.equal(matches("app*", "app/one"), false);
    assert.equal(matches("app/**", "app/one/two"), true);
    assert.equal(matches("**", "anything/at/all"), true);
});

test("braces list alternatives, brackets characters, and dots are dots", () => {
    assert.equal(matches("{v1,v2}.*", "v2.7"), true);
    assert.equal(matches("{v1,v2}.*", "v3.7"), false);
    assert.equal(matches("v[0-9]", "v7"), true);
    assert.equal(matches("v1.0", "v1x0"), false);
    assert.equal(matches("v?", "v1"), true);
});

test("a pattern that can't be read matches nothing", () => {
    assert.equal(matches("[", "["), false);
});

test("excludes turns a selector round, and a rule's repositories have to satisfy all of them", () => {
    const excludes = { decoration: "repoExcludes", pattern: "nested/**" };
    assert.equal(selectsRepository({ repository: [excludes] }, "nested/tool"), false);
    assert.equal(selectsRepository({ repository: [excludes] }, "app"), true);
    const both = [excludes, { decoration: "repoMatches", pattern: "a*" }];
    assert.equal(selectsRepository({ repository: both }, "b"), false);
});
