import assert from "node:assert/strict";
import { test } from "node:test";
import { selects, selectsRepository } from "../../../tools/sandbox/harbor/selectors";

const matches = (pattern: string, name: string): boolean =>
    selects({ kind: "doublestar", decoration: "matches", pattern }, name);

test("selects what its pattern matches, or everything without a pattern", () => {
    assert.equal(matches("app/**", "app/one/two"), true);
    assert.equal(matches("app/*", "app/one/two"), false);
    assert.equal(selects({ kind: "doublestar", decoration: "matches" }, "app"), true);
});

test("selects and excludes nothing with an unreadable pattern", () => {
    assert.equal(matches("[", "["), false);
    assert.equal(selects({ decoration: "excludes", pattern: "[" }, "["), false);
});

test("inverts a selector with excludes, and requires a match of all selectors of repositories", () => {
    const excludes = { decoration: "repoExcludes", pattern: "nested/**" };
    assert.equal(selectsRepository({ repository: [excludes] }, "nested/tool"), false);
    assert.equal(selectsRepository({ repository: [excludes] }, "app"), true);
    const both = [excludes, { decoration: "repoMatches", pattern: "a*" }];
    assert.equal(selectsRepository({ repository: both }, "b"), false);
});
