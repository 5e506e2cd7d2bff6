import assert from "node:assert/strict";
import { test } from "node:test";
import { selectAll } from "../../../src/context/select";
import { sizeOf, tooBig } from "../../../src/slice/size";
import { makeTree } from "../context/folder";

const size = sizeOf(selectAll(makeTree({ "a/b": "12345", "a/c": "123", d: "1", "e/": "" })));

test("adds up files and bytes, with the biggest entries of the root", () => {
    assert.deepEqual(size, {
        files: 3,
        bytes: 9,
        biggest: [
            { path: "a", bytes: 8 },
            { path: "d", bytes: 1 },
        ],
    });
});

test("warns above a limit and names what to ignore", () => {
    assert.equal(tooBig(size), undefined);
    assert.equal(tooBig(size, { filesMax: 3, bytesMax: 9 }), undefined);
    assert.equal(
        tooBig({ ...size, bytes: 3_000_000 }, { bytesMax: 2048 }),
        "the build reads 3 files (2.9 MiB), more than contextLimits allows without this warning " +
            "(100000 files, 2.0 KiB). Add files that the build does not need to .dockerignore, or raise the " +
            "limits; the biggest are a (8 B), d (1 B)",
    );
    assert.match(tooBig(size, { filesMax: 2 }) ?? "", /^the build reads 3 files/);
    const shown = (bytes: number) =>
        /\((.*?)\)/.exec(tooBig({ ...size, bytes }, { filesMax: 2 }) ?? "")?.[1];
    const sizes = [0, 1, 1023, 1024, 2 ** 20, 2 ** 30, 2 ** 40];
    const texts = ["0 B", "1 B", "1023 B", "1.0 KiB", "1.0 MiB", "1.0 GiB", "1024.0 GiB"];
    assert.deepEqual(sizes.map(shown), texts);
});

test("names the five biggest entries, and of the same size the first by name", () => {
    const files = { f: "1", e: "1", d: "1", c: "22", b: "1", a: "1" };
    assert.deepEqual(
        sizeOf(selectAll(makeTree(files))).biggest.map(({ path }) => path),
        ["c", "a", "b", "d", "e"],
    );
});
