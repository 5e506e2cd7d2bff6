import assert from "node:assert/strict";
import {
    chmodSync,
    createReadStream,
    mkdirSync,
    mkdtempSync,
    rmSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import { rootEntries } from "../../../tools/sandbox/images/baseImages";
import { goTags, goVersion } from "../../../tools/sandbox/images/golang";
import { folderEntries, type Layer, writeLayer } from "../../../tools/sandbox/images/layer";

let folder: string;
before(() => {
    folder = mkdtempSync(join(tmpdir(), "images-"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** The same tree twice, its files made in another order and with other permissions for others. */
function makeTree(name: string, files: readonly string[], mode: number): string {
    const root = join(folder, name);
    mkdirSync(join(root, "inner"), { recursive: true });
    for (const file of files) {
        writeFileSync(join(root, file), `content of ${file}`);
        chmodSync(join(root, file), mode);
    }
    symlinkSync("inner/b", join(root, "link"));
    return root;
}

const layerOf = (tree: string, name: string): Promise<Layer> =>
    writeLayer(folderEntries(tree, "usr/share/tree"), join(folder, name));

test("makes the same digest of the same content at any time and in any order", async () => {
    const first = await layerOf(makeTree("one", ["a", "inner/b"], 0o600), "one.gz");
    const second = await layerOf(makeTree("two", ["inner/b", "a"], 0o644), "two.gz");
    const { file: _, ...left } = first;
    const { file: __, ...right } = second;
    assert.deepEqual(left, right);
});

test("stores folders before their content, links and executable bits in a layer", async () => {
    const root = makeTree("three", ["a", "inner/b"], 0o755);
    const { file } = await layerOf(root, "three.gz");
    const seen: string[] = [];
    const archive = createReadStream(file).pipe(createGunzip()).pipe(extract());
    for await (const entry of archive) {
        const { name, type, mode = 0, linkname, uid } = entry.header;
        seen.push([name, type, mode.toString(8), linkname ?? "", uid].join(" "));
        entry.resume();
    }
    assert.deepEqual(seen, [
        "usr/share/tree directory 755  0",
        "usr/share/tree/a file 755  0",
        "usr/share/tree/inner directory 755  0",
        "usr/share/tree/inner/b file 755  0",
        "usr/share/tree/link symlink 777 inner/b 0",
    ]);
});

test("tags golang images with the usual tags", () => {
    const goroot = join(folder, "go");
    mkdirSync(goroot);
    writeFileSync(join(goroot, "VERSION"), "go1.26.3\ntime 2026-01-01T00:00:00Z\n");
    assert.equal(goVersion(goroot), "1.26.3");
    const tags = goTags("1.26.3");
    for (const tag of ["latest", "1", "1.26", "1.26.3", "1.26-alpine", "alpine"]) {
        assert.ok(tags.includes(tag), tag);
    }
});

test("puts the content of a folder at the root of an image", () => {
    makeTree("base/usr", ["a", "inner/b"], 0o755);
    assert.deepEqual(
        [...rootEntries(join(folder, "base"))].map(({ path }) => path),
        ["usr", "usr/a", "usr/inner", "usr/inner/b", "usr/link"],
    );
});
