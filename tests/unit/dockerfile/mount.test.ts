import assert from "node:assert/strict";
import { test } from "node:test";
import { readMount, readMountFrom } from "../../../src/dockerfile/mount";

const read = (text: string) => readMount(text, (word) => word);

test("reads a mount as a bind mount of the build context by default", () => {
    assert.deepEqual(read("target=/x"), {
        type: "bind",
        from: undefined,
        source: "",
        target: "/x",
        id: "",
        required: false,
    });
});

test("reads short keys, any case and quoted fields", () => {
    assert.deepEqual(read('TYPE=Secret,src=a,"dst=/b,c",required'), {
        type: "secret",
        from: undefined,
        source: "a",
        target: "/b,c",
        id: "",
        required: true,
    });
});

test("expands values, but not from", () => {
    const mount = readMount("from=deps,source=$s,target=$t", (word) =>
        word === "$s" ? "/lib" : { unknown: "no value" },
    );
    assert.equal(mount.from, "deps");
    assert.equal(mount.source, "/lib");
    assert.deepEqual(mount.target, { unknown: "no value" });
});

test("finds the source stage without reading the other fields", () => {
    assert.equal(readMountFrom("type=$t,from=deps"), "deps");
    assert.equal(readMountFrom("type=cache,target=/x"), undefined);
});

test("rejects what BuildKit rejects", () => {
    const reasons: Record<string, string> = {
        "type=band":
            '--mount=type=band: type "band" is not allowed; expected bind, cache, tmpfs, secret, ssh; if a newer frontend accepts it, use SlicePolicy.Whole',
        "new=a": `--mount=new=a: unknown key "new"; if a newer frontend accepts it, use SlicePolicy.Whole`,
        "sorce=a": '--mount=sorce=a: unknown key "sorce"; did you mean "source"?',
        target: '--mount=target: "target" needs a value: target=…',
        "type=secret": '--mount=type=secret: a secret mount needs an "id" or a "target"',
        "type=secret,id=a,from=b":
            '--mount=type=secret,id=a,from=b: a secret mount cannot have a "from"',
        'a"b=c': '--mount=a"b=c: quotes must enclose the whole field',
        "from=$a":
            '--mount=from=$a: "from" does not expand variables; give the image its own stage ' +
            "(FROM $a AS name) and name that stage",
    };
    for (const [text, message] of Object.entries(reasons)) {
        assert.throws(() => read(text), { message });
    }
});

test("reads fields in order: a field for one type needs the type before it", () => {
    assert.equal(read("type=secret,required,id=x").required, true);
    const messages = {
        "required,type=secret,id=x": '"required" needs type=secret or type=ssh before it',
        "size=1,type=tmpfs": '"size" needs type=tmpfs before it',
    };
    for (const [text, reason] of Object.entries(messages)) {
        assert.throws(() => read(text), { message: `--mount=${text}: ${reason}` });
    }
});

test("rejects values that BuildKit rejects", () => {
    const messages = {
        "type=cache,sharing=some":
            'sharing "some" is not allowed; expected shared, private, locked; if a newer frontend accepts it, use SlicePolicy.Whole',
        "sharing=shared": '"sharing" is allowed only for cache mounts',
        "type=tmpfs,size=1x": 'size "1x" is not a number of bytes; expected a size such as 64m',
        "type=cache,mode=9": 'mode "9" is not a number in base 8',
        "uid=1": '"uid" is allowed only for secret, ssh and cache mounts',
        "ro=yes": 'readonly: "yes" is not a boolean; expected true or false',
        "type=ssh,source=x": 'an ssh mount cannot have a "source"',
        "type=secret,source=x,id=y": '"source" and "id" cannot be used together',
    };
    for (const [text, reason] of Object.entries(messages)) {
        assert.throws(() => read(text), { message: `--mount=${text}: ${reason}` });
    }
    assert.throws(() => read(""), { message: "--mount= is empty" });
    assert.equal(read("type=tmpfs,size=1.5gib,target=/x").target, "/x");
});

test("uses the last from of a mount", () => {
    assert.equal(readMountFrom("from=a,from=b"), "b");
});
