import assert from "node:assert/strict";
import { test } from "node:test";
import { namedContextComments } from "../../../src/slice";
import { makeTree } from "../context/folder";

test("changes a named context's comment with its contents that are not ignored", () => {
    const comment = (files: Readonly<Record<string, string>>) =>
        namedContextComments({ lib: makeTree(files, "*.tmp\n") }, "usual");
    const first = comment({ a: "a", "b.tmp": "b" });
    assert.deepEqual(Object.keys(first), ["lib"]);
    assert.match(first["lib"] ?? "", /^named context lib sha256:[0-9a-f]{64}$/);
    assert.deepEqual(comment({ a: "a", "b.tmp": "c" }), first);
    assert.notDeepEqual(comment({ a: "b" }), first);
});

test("changes a named context's comment with its links and empty folders", () => {
    const comment = (files: Readonly<Record<string, string>>) =>
        namedContextComments({ lib: makeTree({ "v1/": "", "v2/": "", ...files }) }, "usual");
    const edits: readonly Readonly<Record<string, string>>[] = [
        {},
        { current: "-> v1" },
        { current: "-> v2" },
        { "v3/": "" },
    ];
    assert.equal(new Set(edits.map((edit) => comment(edit)["lib"])).size, edits.length);
});
