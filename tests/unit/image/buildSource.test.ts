import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { after, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { cutSlice, openBuildSource } from "../../../src/image/buildSource";
import { imageMocks } from "../../../src/testing";

/** A context that nothing has changed for a while. */
function makeContext(): string {
    const folder = mkdtempSync(join(tmpdir(), "harbor-build-unit-"));
    after(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, "Dockerfile"), "FROM scratch\nCOPY --from=lib /a /a\n");
    writeFileSync(join(folder, "a"), "a");
    utimesSync(folder, 1, 1);
    return folder;
}

function open(context: string, namedContexts: Record<string, string> = {}) {
    const opened = openBuildSource({ context, namedContexts });
    assert.ok("source" in opened, JSON.stringify(opened));
    return opened.source;
}

test("leaves named contexts that are not folders to buildx, and resolves folders in the program's folder", () => {
    const context = makeContext();
    const elsewhere = {
        image: "docker-image://alpine:3.22",
        layout: "oci-layout://./layout",
        url: "https://example.com/a.tar.gz",
        git: "git@github.com:owner/name.git",
        hub: "github.com/owner/name",
        target: "target:base",
    };
    const { namedContexts, comments } = open(context, { ...elsewhere, lib: context });
    assert.deepEqual(namedContexts, { ...elsewhere, lib: relative("", context) });
    assert.deepEqual(Object.keys(comments), ["lib"]);
});

test("reports a missing file in a named context's folder with the line that names it", () => {
    const folder = makeContext();
    const cut = (files: string) => {
        const source = open(folder, { lib: files });
        return cutSlice(source, {}, {});
    };
    const empty = join(folder, "empty");
    mkdirSync(empty);
    assert.deepEqual(cut(empty), {
        faults: [
            {
                path: "dockerfile",
                message: `${folder}/Dockerfile: line 2: COPY /a: "a" does not exist in namedContexts.lib`,
            },
        ],
    });
    assert.ok("slice" in cut(folder));
});

test("writes a folder whose name looks like a repository with a leading dot", () => {
    const opened = openBuildSource({
        context: makeContext(),
        namedContexts: { dot: "./git@github.com:x", up: "../no@where:x", plain: "lib:x" },
    });
    assert.ok("faults" in opened);
    assert.deepEqual(
        opened.faults.map(({ path, message }) => `${path}: ${message}`),
        [
            "namedContexts.dot: ./git@github.com:x: the folder does not exist",
            "namedContexts.up: ../no@where:x: the folder does not exist",
            "namedContexts.plain: lib:x: the folder does not exist",
        ],
    );
});

test("shares what components of one run read of a context, but not between runs", async () => {
    const context = makeContext();
    const { tree } = open(context);
    assert.equal(open(context).tree, tree);
    assert.equal(open(context, { lib: context }).tree, tree);
    await pulumi.runtime.setMocks(imageMocks());
    const other = open(context).tree;
    assert.notEqual(other, tree);
    assert.equal(open(context).tree, other);
});

test("reads a file again that the program overwrites between two components", () => {
    const context = makeContext();
    const digests = ["a", "b", "c"].map((text) => {
        writeFileSync(join(context, "a"), text);
        return open(context, { lib: context }).comments["lib"];
    });
    assert.equal(new Set(digests).size, 3);
});
