import assert from "node:assert/strict";
import {
    chmodSync,
    existsSync,
    lstatSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    readlinkSync,
    rmSync,
    statSync,
    symlinkSync,
    utimesSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openContext, sliceContext } from "../../../src/context";
import { writeSlice } from "../../../src/sliceFolder";

const dockerfile = [
    "FROM alpine AS build",
    "COPY src /src",
    "RUN make",
    "FROM alpine",
    "COPY --from=build /out /out",
    "COPY conf.yaml /",
    "",
].join("\n");

function makeContext(mode: number): string {
    const folder = mkdtempSync(join(tmpdir(), "hb-slice-"));
    mkdirSync(join(folder, "src"));
    writeFileSync(join(folder, "Dockerfile"), dockerfile);
    for (const [name, text] of [
        ["src/main.c", "int main;"],
        ["src/run.sh", "#!/bin/sh"],
        ["conf.yaml", "a: 1"],
        ["README.md", "read by no stage"],
    ] as const) {
        writeFileSync(join(folder, name), text);
        chmodSync(join(folder, name), name.endsWith(".sh") ? mode | 0o100 : mode);
    }
    symlinkSync("main.c", join(folder, "src/link.c"));
    return folder;
}

function write(folder: string, target: string | undefined, programFolder: string) {
    const { dockerfile: parsed, tree } = openContext(folder);
    const options = target === undefined ? {} : { target };
    return writeSlice(sliceContext({ dockerfile: parsed, tree, options }), tree, programFolder);
}

test("a slice holds what its target reads, with the modes that git keeps", () => {
    const program = mkdtempSync(join(tmpdir(), "hb-program-"));
    const written = write(makeContext(0o664), "build", program);
    const context = join(program, written.context);
    assert.deepEqual(readdirSync(context, { recursive: true }).sort(), [
        "src",
        "src/link.c",
        "src/main.c",
        "src/run.sh",
    ]);
    const mode = (name: string) => (statSync(join(context, name)).mode & 0o7777).toString(8);
    assert.equal(mode("src/main.c"), "644");
    assert.equal(mode("src/run.sh"), "755");
    assert.equal(mode("src"), "755");
    assert.ok(lstatSync(join(context, "src/link.c")).isSymbolicLink());
    assert.equal(readlinkSync(join(context, "src/link.c")), "main.c");
    assert.equal(
        readFileSync(join(program, written.dockerfile), "utf8"),
        "FROM alpine AS build\nCOPY src /src\nRUN make\n",
    );
});

test("another folder and another umask lead to the same paths", () => {
    const program = mkdtempSync(join(tmpdir(), "hb-program-"));
    const here = write(makeContext(0o644), undefined, program);
    const there = write(makeContext(0o660), undefined, program);
    assert.deepEqual(there, here);
    assert.match(here.context, /^\.harbor-build\/slices\/[0-9a-f]{16}\/context$/);
});

test("a file keeps its time, which the layer it is copied to records", () => {
    const program = mkdtempSync(join(tmpdir(), "hb-program-"));
    const folder = makeContext(0o644);
    const time = new Date("2020-02-02T02:02:02Z");
    utimesSync(join(folder, "conf.yaml"), time, time);
    const { context } = write(folder, undefined, program);
    assert.equal(statSync(join(program, context, "conf.yaml")).mtimeMs, time.getTime());
});

test("git ignores what is generated, and a slice that no run used for two weeks goes", () => {
    const program = mkdtempSync(join(tmpdir(), "hb-program-"));
    const old = write(makeContext(0o644), "build", program);
    const oldFolder = join(program, old.dockerfile, "..");
    const long = new Date(Date.now() - 15 * 24 * 3600 * 1000);
    utimesSync(oldFolder, long, long);
    const fresh = write(makeContext(0o644), undefined, program);
    assert.equal(readFileSync(join(program, ".harbor-build/.gitignore"), "utf8"), "*\n");
    assert.equal(existsSync(oldFolder), false);
    assert.equal(existsSync(join(program, fresh.dockerfile)), true);
});

test("a slice that fails half-way leaves nothing under its name", () => {
    const program = mkdtempSync(join(tmpdir(), "hb-program-"));
    const folder = makeContext(0o644);
    const { dockerfile: parsed, tree } = openContext(folder);
    const slice = sliceContext({ dockerfile: parsed, tree });
    rmSync(join(folder, "conf.yaml"));
    assert.throws(() => writeSlice(slice, tree, program), { code: "ENOENT" });
    assert.deepEqual(readdirSync(join(program, ".harbor-build/slices")), []);
});
