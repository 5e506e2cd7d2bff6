import assert from "node:assert/strict";
import { chmodSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { selectAll } from "../../../src/context/select";
import { readTree } from "../../../src/context/tree";
import { sliceDigest } from "../../../src/slice/digest";
import { makeFolder } from "../context/folder";

const files = { a: "one", "b/c": "two", "b/d": "-> c" };

function digestOf(folder: string, parts: readonly string[] = ["FROM x\n"]): string {
    const tree = readTree(folder);
    return sliceDigest(tree, selectAll(tree), parts);
}

const base = digestOf(makeFolder(files));

test("stays the same in another folder, at another time and under another umask", () => {
    const folder = makeFolder({ ...files, "empty/": "" });
    chmodSync(join(folder, "a"), 0o600);
    chmodSync(join(folder, "b"), 0o700);
    utimesSync(join(folder, "a"), 1, 1);
    assert.match(base, /^sha256:[0-9a-f]{64}$/);
    assert.equal(digestOf(folder), base);
});

test("changes with content, path, link, executable bit and the given parts", () => {
    const executable = makeFolder(files);
    chmodSync(join(executable, "a"), 0o755);
    const others = [
        digestOf(executable),
        digestOf(makeFolder({ ...files, a: "two" })),
        digestOf(makeFolder({ x: "one", "b/c": "two", "b/d": "-> c" })),
        digestOf(makeFolder({ ...files, "b/d": "-> a" })),
        digestOf(makeFolder(files), ["FROM y\n"]),
        digestOf(makeFolder(files), ["FROM x\n", ""]),
        digestOf(makeFolder(files), ["FROM ", "x\n"]),
    ];
    assert.equal(new Set([base, ...others]).size, others.length + 1);
});
