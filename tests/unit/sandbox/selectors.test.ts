import assert from "node:assert/strict";
import { test } from "node:test";
import { selects, selectsRepository } from "../../../tools/sandbox/harbor/selectors";

const matches = (pattern: string, name: string): boolean =>
    selects({ kind: "doublestar", decoration: "matches", pattern }, name);

test("a selector takes what its pattern matches, all without a pattern", () => {
    assert.equal(matches("app/**", "app/one/two"), true);
    assert.equal(matches("app/*", "app/one/two"), false);
    assert.equal(selects({ kind: "doublestar", decoration: "matches" }, "app"), true);
});

test("a pattern that can't be read takes nothing, and leaves nothing out", () => {
    assert.equal(matches("[", "["), false);
    assert.equal(selects({ decoration: "excludes", pattern: "[" }, "["), false);
});

test("excludes turns a selector round, and a rule's repositories have to satisfy all of them", () => {
    const excludes = { decoration: "repoExcludes", pattern: "nested/**" };
    assert.equal(selectsRepository({ repository: [excludes] }, "nested/tool"), false);
    assert.equal(selectsRepository({ repository: [excludes] }, "app"), true);
    const both = [excludes, { decoration: "repoMatches", pattern: "a*" }];
    assert.equal(selectsRepository({ repository: both }, "b"), false);
});
