import assert from "node:assert/strict";
import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { openContext } from "../../../src/context";
import { SlicePolicy, sliceContext, writeSlice } from "../../../src/slice";
import { withBuildkit } from "./buildkit";
import { makeContext } from "./fixture";

const buildkit = withBuildkit();

/** Gives everything below a folder the modes of a umask, and one time. */
function setUmask(folder: string, umask: number): void {
    for (const name of readdirSync(folder)) {
        const path = join(folder, name);
        const stat = lstatSync(path);
        if (stat.isDirectory()) setUmask(path, umask);
        if (stat.isSymbolicLink()) continue;
        const executable = stat.isDirectory() || (stat.mode & 0o100) !== 0;
        chmodSync(path, (executable ? 0o777 : 0o666) & ~umask);
        utimesSync(path, 1, 1);
    }
}

/** The layers of a context under a umask, built from the slice for docker-build. */
async function layersUnder(umask: number, slicing: SlicePolicy): Promise<readonly string[]> {
    const context = makeContext({ Dockerfile: "FROM scratch\nCOPY docs scripts link.yaml /x/\n" });
    after(context.remove);
    setUmask(context.folder, umask);
    const { dockerfile, tree } = openContext(context.folder);
    const slice = sliceContext({ dockerfile, tree, slicing });
    const folder = join(context.folder, ".harbor-build");
    mkdirSync(folder, { recursive: true });
    const written = writeSlice(slice, tree, folder);
    return buildkit.layers({
        context: written.context,
        dockerfile: readFileSync(written.dockerfile, "utf8"),
        ignore: readFileSync(`${written.dockerfile}.dockerignore`, "utf8"),
    });
}

test("produces the same layers under every umask that leaves files readable", async () => {
    const usual = await layersUnder(0o022, SlicePolicy.Whole);
    for (const umask of [0o022, 0o002, 0o000]) {
        assert.deepEqual(await layersUnder(umask, SlicePolicy.Auto), usual);
    }
});

test("keeps modes of umask 077, and every mode with SlicePolicy.Whole", async () => {
    const shut = await layersUnder(0o077, SlicePolicy.Whole);
    assert.deepEqual(await layersUnder(0o077, SlicePolicy.Auto), shut);
    const wholes = [shut, ...[0o022, 0o002].map((umask) => layersUnder(umask, SlicePolicy.Whole))];
    const different = new Set((await Promise.all(wholes)).map(String));
    assert.equal(different.size, 3);
});
