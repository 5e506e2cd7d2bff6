import assert from "node:assert/strict";
import {
    chmodSync,
    lstatSync,
    mkdirSync,
    readdirSync,
    readFileSync,
    readlinkSync,
    statSync,
    symlinkSync,
    utimesSync,
    writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openContext } from "../../../src/context";
import { sliceContext, type WriteOptions, writeSlice } from "../../../src/slice";
import { makeFolder } from "../context/folder";

const files = {
    "app/Dockerfile": "FROM scratch\nCOPY src run.sh /\n",
    "app/src/a": "a",
    "app/src/link": "-> a",
    "app/run.sh": "#!",
    "app/unread": "",
};

/** A program's folder whose files have the modes of a umask. */
function program(umask: number): string {
    const folder = makeFolder(files);
    for (const path of ["app", "app/src"]) chmodSync(join(folder, path), 0o777 & ~umask);
    for (const path of ["app/src/a", "app/Dockerfile", "app/unread"]) {
        chmodSync(join(folder, path), 0o666 & ~umask);
    }
    chmodSync(join(folder, "app/run.sh"), 0o777 & ~umask);
    return folder;
}

/** Writes from inside a folder, as a Pulumi program runs in its own. */
function writeIn(folder: string, options: WriteOptions = {}) {
    const before = process.cwd();
    process.chdir(folder);
    try {
        const generated = ".harbor-build";
        const { dockerfile, tree } = openContext("app", "app/Dockerfile", { generated });
        const slice = sliceContext({ dockerfile, tree });
        return { slice, written: writeSlice(slice, tree, `${generated}/dev/fm`, options) };
    } finally {
        process.chdir(before);
    }
}

const mode = (path: string) => (statSync(path).mode & 0o7777).toString(8);

test("writes paths relative to the program, and links to the context without copying", () => {
    const folder = program(0o022);
    const { written, slice } = writeIn(folder);
    assert.deepEqual(written, {
        dockerfile: ".harbor-build/dev/fm/Dockerfile",
        context: ".harbor-build/dev/fm/context-cde34c9c4e",
    });
    const place = join(folder, ".harbor-build/dev/fm");
    assert.deepEqual(readdirSync(place).sort(), [
        "Dockerfile",
        "Dockerfile.dockerignore",
        "context-cde34c9c4e",
    ]);
    assert.equal(readlinkSync(join(place, "context-cde34c9c4e")), "../../../app");
    assert.equal(readFileSync(join(place, "Dockerfile"), "utf8"), slice.dockerfile.text);
    assert.equal(
        readFileSync(join(place, "Dockerfile.dockerignore"), "utf8"),
        "**\n!run.sh\n!src\n",
    );
});

test("links to a copy with the usual modes under another umask", () => {
    const folder = program(0o077);
    utimesSync(join(folder, "app/src/a"), 1_000_000_000, 1_000_000_000);
    writeIn(folder);
    const context = join(folder, ".harbor-build/dev/fm/context-cde34c9c4e");
    assert.match(readlinkSync(context), /^files-[0-9a-f]{16}$/);
    assert.deepEqual(
        ["src", "src/a", "run.sh"].map((path) => mode(join(context, path))),
        ["755", "644", "755"],
    );
    assert.equal(readFileSync(join(context, "src/a"), "utf8"), "a");
    assert.equal(readlinkSync(join(context, "src/link")), "a");
    assert.deepEqual(readdirSync(context).sort(), ["run.sh", "src"]);
    assert.equal(statSync(join(context, "src/a")).mtimeMs, 1_000_000_000_000);
});

test("never copies exact modes", () => {
    const folder = program(0o077);
    writeIn(folder, { modes: "exact" });
    assert.equal(
        readlinkSync(join(folder, ".harbor-build/dev/fm/context-cde34c9c4e")),
        "../../../app",
    );
});

test("replaces nothing in an unchanged second run", () => {
    const folder = program(0o022);
    writeIn(folder);
    const place = join(folder, ".harbor-build/dev/fm");
    const inodes = () => readdirSync(place).map((name) => lstatSync(join(place, name)).ino);
    const before = inodes();
    writeIn(folder);
    assert.deepEqual(inodes(), before);
});

test("makes a new copy for a changed file, and deletes one that no run used for a day", () => {
    const folder = program(0o077);
    const place = join(folder, ".harbor-build/dev/fm");
    writeIn(folder);
    const first = readlinkSync(join(place, "context-cde34c9c4e"));
    writeFileSync(join(folder, "app/src/a"), "b");
    writeIn(folder);
    const second = readlinkSync(join(place, "context-cde34c9c4e"));
    const copies = () => readdirSync(place).filter((name) => name.startsWith("files-"));
    assert.notEqual(second, first);
    assert.deepEqual(copies().sort(), [first, second].sort());
    utimesSync(join(place, first), 1, 1);
    writeIn(folder);
    assert.deepEqual(copies(), [second]);
});

test("excludes the folder of generated files from a context that contains it", () => {
    const folder = makeFolder({ Dockerfile: "FROM scratch\nCOPY . /\n", a: "a" });
    mkdirSync(join(folder, ".harbor-build"));
    writeFileSync(join(folder, ".harbor-build/x"), "");
    const { tree, dockerfile } = openContext(folder, join(folder, "Dockerfile"), {
        generated: join(folder, ".harbor-build"),
    });
    assert.equal(sliceContext({ dockerfile, tree }).ignore, "**\n!Dockerfile\n!a\n");
});

test("copies names that are not UTF-8 byte by byte, and keeps the bytes of a Dockerfile", () => {
    const folder = program(0o077);
    const name = Buffer.from("caf\xe9", "latin1");
    const at = (place: string) => Buffer.concat([Buffer.from(`${place}/`), name]);
    writeFileSync(at(join(folder, "app/src")), "content");
    symlinkSync(name, join(folder, "app/src/other"));
    const dockerfile = Buffer.from("FROM scratch\nCOPY src /\nLABEL a=\xe9\n", "latin1");
    writeFileSync(join(folder, "app/Dockerfile"), dockerfile);
    writeIn(folder);
    const place = join(folder, ".harbor-build/dev/fm");
    const copy = join(place, "context-cde34c9c4e/src");
    assert.equal(readFileSync(at(copy), "utf8"), "content");
    assert.deepEqual(readlinkSync(join(copy, "other"), "buffer"), name);
    assert.deepEqual(readFileSync(join(place, "Dockerfile")), dockerfile);
});

test("links to a copy, the same on every machine, for a link to something outside the slice", () => {
    const folder = program(0o022);
    symlinkSync("../unread", join(folder, "app/src/outside"));
    writeIn(folder);
    const context = join(folder, ".harbor-build/dev/fm/context-cde34c9c4e");
    assert.match(readlinkSync(context), /^files-[0-9a-f]{16}$/);
    assert.equal(readlinkSync(join(context, "src/outside")), "../unread");
    assert.deepEqual(readdirSync(context).sort(), ["run.sh", "src"]);
});
