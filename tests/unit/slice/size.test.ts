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
});
