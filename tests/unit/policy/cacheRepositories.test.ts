import assert from "node:assert/strict";
import { test } from "node:test";
import { joinPatterns, patternFault } from "../../../src/policy/cacheRepositories";

test("keeps one pattern, joins several, and matches everything for none", () => {
    assert.equal(joinPatterns(["v*"]), "v*");
    assert.equal(joinPatterns(["v*", "[0-9]*"]), "{v*,[0-9]*}");
    assert.equal(joinPatterns([]), "**");
});

test("rejects patterns that Harbor would accept and never match", () => {
    assert.match(patternFault("") ?? "", /^empty/);
    for (const pattern of ["v1, v2", "v1,v2", "{v1", "v 1"]) {
        assert.match(patternFault(pattern) ?? "", /a space, a comma or a brace/, pattern);
    }
    assert.match(patternFault("v[0-9") ?? "", /a "\[" without a "\]"/);
    assert.equal(
        patternFault("v[!0-9]"),
        '"v[!0-9]" negates with "!", which Harbor reads as a letter; expected "[^"',
    );
});

test("accepts patterns of tags", () => {
    for (const pattern of ["**", "v*", "v[0-9]*", "release-?", "1.4.2"]) {
        assert.equal(patternFault(pattern), undefined, pattern);
    }
});
