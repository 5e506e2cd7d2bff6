import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { selectAll } from "../../../src/context/select";
import { readTree } from "../../../src/context/tree";
import { sliceDigest } from "../../../src/slice/digest";
import { makeFolder } from "../context/folder";

const files = { a: "one", "b/c": "two", "b/d": "-> c" };

function digestOf(
    folder: string,
    parts: readonly string[] = ["FROM x\n"],
    modes: "usual" | "exact" = "usual",
): string {
    const tree = readTree(folder);
    return sliceDigest(tree, selectAll(tree), parts, modes);
}

const base = digestOf(makeFolder(files));

test("stays the same in another folder, at another time and under another umask", () => {
    const folder = makeFolder(files);
    chmodSync(join(folder, "a"), 0o664);
    chmodSync(join(folder, "b"), 0o775);
    utimesSync(join(folder, "a"), 1, 1);
    assert.match(base, /^sha256:[0-9a-f]{64}$/);
    assert.equal(digestOf(folder), base);
    assert.notEqual(digestOf(folder, ["FROM x\n"], "exact"), base);
});

test("does not depend on the mode of a pipe, which no image gets", () => {
    const withPipe = (mode: string) => {
        const folder = makeFolder(files);
        execFileSync("mkfifo", ["-m", mode, join(folder, "pipe")]);
        return digestOf(folder);
    };
    assert.equal(withPipe("600"), withPipe("755"));
});

test("is the digest of version 0.1.0 for files, links and usual modes", () => {
    assert.equal(base, "sha256:437c1dd32d8005b8f0918f1aa0cfcd1ca750bc9fc8bf123bdc081aee697bd417");
});

test("changes with content, path, link, mode, empty folder and the given parts", () => {
    const executable = makeFolder(files);
    chmodSync(join(executable, "a"), 0o755);
    const shut = makeFolder(files);
    chmodSync(join(shut, "a"), 0o600);
    const shared = makeFolder(files);
    chmodSync(join(shared, "b"), 0o2775);
    const others = [
        digestOf(executable),
        digestOf(shut),
        digestOf(shared),
        digestOf(makeFolder({ ...files, "empty/": "" })),
        digestOf(makeFolder({ ...files, "b/empty/": "" })),
        digestOf(makeFolder({ ...files, a: "two" })),
        digestOf(makeFolder({ x: "one", "b/c": "two", "b/d": "-> c" })),
        digestOf(makeFolder({ ...files, "b/d": "-> a" })),
        digestOf(makeFolder(files), ["FROM y\n"]),
        digestOf(makeFolder(files), ["FROM x\n", ""]),
        digestOf(makeFolder(files), ["FROM ", "x\n"]),
    ];
    assert.equal(new Set([base, ...others]).size, others.length + 1);
});
