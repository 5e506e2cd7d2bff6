import assert from "node:assert/strict";
import { test } from "node:test";
import { readMount, readMountFrom } from "../../../src/dockerfile/mount";

const read = (text: string) => readMount(text, (word) => word);

test("a mount is a bind mount of the build context unless it says otherwise", () => {
    assert.deepEqual(read("target=/x"), {
        type: "bind",
        from: undefined,
        source: "",
        target: "/x",
        id: "",
        required: false,
    });
});

test("short keys, any case and quoted fields are read", () => {
    assert.deepEqual(read('TYPE=Secret,src=a,"dst=/b,c",required'), {
        type: "secret",
        from: undefined,
        source: "a",
        target: "/b,c",
        id: "",
        required: true,
    });
});

test("values are expanded, from is not", () => {
    const mount = readMount("from=deps,source=$s,target=$t", (word) =>
        word === "$s" ? "/lib" : { unknown: "no value" },
    );
    assert.equal(mount.from, "deps");
    assert.equal(mount.source, "/lib");
    assert.deepEqual(mount.target, { unknown: "no value" });
});

test("the source stage is found without reading the rest", () => {
    assert.equal(readMountFrom("type=$t,from=deps"), "deps");
    assert.equal(readMountFrom("type=cache,target=/x"), undefined);
});

test("what BuildKit does not take is refused", () => {
    const reasons: Record<string, string> = {
        "type=band": '--mount=type=band: type "band" is none of bind, cache, tmpfs, secret, ssh',
        "sorce=a": '--mount=sorce=a: unknown key "sorce"; did you mean "source"?',
        target: '--mount=target: "target" needs a value, as target=…',
        "type=secret": '--mount=type=secret: a secret needs an "id" or a "target"',
        "type=secret,id=a,from=b": '--mount=type=secret,id=a,from=b: a secret has no "from"',
        'a"b=c': '--mount=a"b=c: a quote must open and close the whole field',
        "from=$a":
            '--mount=from=$a: "from" takes no variables; give the image a stage of its own ' +
            "(FROM $a AS name) and name that",
    };
    for (const [text, message] of Object.entries(reasons)) {
        assert.throws(() => read(text), { message });
    }
});
