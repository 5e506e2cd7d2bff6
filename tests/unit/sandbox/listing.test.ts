import assert from "node:assert/strict";
import { test } from "node:test";
import { order, paginate, parseQ, search } from "../../../tools/sandbox/harbor/core/listing";

const fields = {
    name: (one: { name: string }) => one.name,
    size: (one: { size: number }) => one.size,
};
const things = [
    { name: "foo", size: 10 },
    { name: "foo-bar", size: 9 },
    { name: "xfoo", size: 100 },
];
const found = (q: string): string[] => search(things, parseQ(q), fields).map((one) => one.name);

test("finds exact values, parts, lists and ranges with q", () => {
    assert.deepEqual(found("name=foo"), ["foo"]);
    assert.deepEqual(found("name=~foo"), ["foo", "foo-bar", "xfoo"]);
    assert.deepEqual(found("name={foo xfoo}"), ["foo", "xfoo"]);
    assert.deepEqual(found("size=[9~10]"), ["foo", "foo-bar"]);
});

test("ignores unknown keys in q, and accepts several conditions", () => {
    assert.deepEqual(found("nope=1,name=~foo,size=100"), ["xfoo"]);
});

test("unescapes q twice, so that a plus sign must be escaped twice", () => {
    assert.deepEqual([...parseQ("name=a%2Bb").values()], [{ kind: "exact", value: "a+b" }]);
    assert.deepEqual([...parseQ("name=a+b").values()], [{ kind: "exact", value: "a b" }]);
});

test("rejects q without a value", () => {
    assert.throws(() => parseQ("name"), /must contain "=" and the key\/value cannot be empty/);
});

test("sorts names by byte and numbers by size, and ignores unknown keys", () => {
    const names = ["foo2", "foo.bar", "foo-bar", "12345"].map((name) => ({ name, size: 1 }));
    const sorted = order(names, null, fields, "name").map((one) => one.name);
    assert.deepEqual(sorted, ["12345", "foo-bar", "foo.bar", "foo2"]);
    const bySize = order(things, "-size", fields, "name").map((one) => one.size);
    assert.deepEqual(bySize, [100, 10, 9]);
    const unknown = order(things, "nope", fields, "-name").map((one) => one.name);
    assert.deepEqual(unknown, ["xfoo", "foo-bar", "foo"]);
});

const numbers = Array.from({ length: 33 }, (_, at) => at);
const page = (query: string): ReturnType<typeof paginate> =>
    paginate(new URL(`http://h/api/v2.0/projects?${query}`), numbers, (one) => one);

test("links a middle page to both neighbours, unescaped, with sorted parameters", () => {
    const { items, headers } = page("q=a%3Db&page_size=2&page=2");
    assert.deepEqual(items, [2, 3]);
    assert.equal(headers["X-Total-Count"], "33");
    assert.equal(
        headers["Link"],
        '</api/v2.0/projects?page=1&page_size=2&q=a=b>; rel="prev" , ' +
            '</api/v2.0/projects?page=3&page_size=2&q=a=b>; rel="next"',
    );
});

test("returns everything for page size 0, rejects more than 100, and returns an empty page 99 without links", () => {
    assert.equal(page("page_size=0").items.length, 33);
    assert.equal(page("page_size=0").headers["Link"], undefined);
    assert.throws(() => page("page_size=101"), /should be less than or equal to 100/);
    assert.deepEqual(page("page=99").items, []);
    assert.equal(page("page=99").headers["Link"], undefined);
    assert.throws(() => page("page=x"), /page in query must be of type int64: "x"/);
});
