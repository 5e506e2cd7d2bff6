import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
    chmodSync,
    existsSync,
    lstatSync,
    mkdirSync,
    readdirSync,
    readFileSync,
    readlinkSync,
    renameSync,
    rmSync,
    statSync,
    symlinkSync,
    utimesSync,
    writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openContext, openFolder } from "../../../src/context";
import { SlicePolicy, sliceContext, writeSlice } from "../../../src/slice";
import { isSameTarget } from "../../../src/slice/write";
import { shortHash } from "../../../src/text/shortHash";
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
function writeIn(folder: string, slicing?: SlicePolicy) {
    const before = process.cwd();
    process.chdir(folder);
    try {
        const generated = ".harbor-build";
        const { dockerfile, tree } = openContext("app", "app/Dockerfile", { generated });
        const slice = sliceContext({ dockerfile, tree, slicing });
        mkdirSync(`${generated}/dev/fm`, { recursive: true });
        return { slice, written: writeSlice(slice, tree, `${generated}/dev/fm`) };
    } finally {
        process.chdir(before);
    }
}

const copyName = /^files-[0-9a-f]{10}-\d+-\d+-[0-9a-f]{8}$/;

/** The name of a copy that another run on this machine made. */
function copyOf(program: number, parent: number): string {
    const namespace = "/proc/self/ns/pid";
    const machine = `${hostname()} ${existsSync(namespace) ? readlinkSync(namespace) : ""}`;
    return `files-${shortHash(machine)}-${program}-${parent}-01234567`;
}

/** The id of a process that has ended. */
const gone = () => spawnSync(process.execPath, ["-e", ""]).pid;

const copies = (place: string, prefix = "files-") =>
    readdirSync(place)
        .filter((name) => name.startsWith(prefix))
        .sort();

const written = ["Dockerfile", "Dockerfile.dockerignore", "context-cde34c9c4e"];

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

test("links to a copy with the usual modes under umask 002, and keeps decisions of the user", () => {
    const folder = program(0o002);
    writeFileSync(join(folder, "app/src/key"), "key");
    writeFileSync(join(folder, "app/src/setuid"), "");
    mkdirSync(join(folder, "app/src/empty"));
    chmodSync(join(folder, "app/src/key"), 0o600);
    chmodSync(join(folder, "app/src/setuid"), 0o4755);
    chmodSync(join(folder, "app/src/empty"), 0o2775);
    utimesSync(join(folder, "app/src/a"), 1_000_000_000, 1_000_000_000);
    writeIn(folder);
    const context = join(folder, ".harbor-build/dev/fm/context-cde34c9c4e");
    assert.match(readlinkSync(context), copyName);
    assert.deepEqual(
        ["src", "src/a", "run.sh", "src/key", "src/setuid", "src/empty"].map((path) =>
            mode(join(context, path)),
        ),
        ["755", "644", "755", "600", "4755", "2775"],
    );
    assert.equal(readFileSync(join(context, "src/a"), "utf8"), "a");
    assert.equal(readlinkSync(join(context, "src/link")), "a");
    assert.deepEqual(readdirSync(context).sort(), ["run.sh", "src"]);
    assert.equal(statSync(join(context, "src/a")).mtimeMs, 1_000_000_000_000);
});

test("never copies modes that the image keeps", () => {
    const ways = [
        [0o077, undefined],
        [0o022, undefined],
        [0o002, SlicePolicy.Whole],
    ] as const;
    for (const [umask, slicing] of ways) {
        const folder = program(umask);
        writeIn(folder, slicing);
        assert.equal(
            readlinkSync(join(folder, ".harbor-build/dev/fm/context-cde34c9c4e")),
            "../../../app",
        );
    }
});

test("copies files below a folder that nobody may write, and deletes the copy", () => {
    const folder = program(0o002);
    chmodSync(join(folder, "app/src"), 0o555);
    const place = join(folder, ".harbor-build/dev/fm");
    writeIn(folder);
    const [first] = copies(place);
    assert.equal(mode(join(place, "context-cde34c9c4e/src")), "555");
    chmodSync(join(folder, "app/src"), 0o755);
    renameSync(join(place, String(first)), join(place, copyOf(gone(), gone())));
    writeIn(folder);
    assert.equal(copies(place).length, 1);
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

test("uses a copy again in one run, and makes a new one for a changed file", () => {
    const folder = program(0o002);
    const place = join(folder, ".harbor-build/dev/fm");
    const written = () => {
        writeIn(folder);
        return readlinkSync(join(place, "context-cde34c9c4e"));
    };
    const first = written();
    assert.equal(written(), first);
    writeFileSync(join(folder, "app/src/a"), "other");
    const second = written();
    assert.notEqual(second, first);
    assert.equal(readFileSync(join(place, second, "src/a"), "utf8"), "other");
});

test("deletes the copies of earlier runs, unless another run may read them", () => {
    const folder = program(0o002);
    const place = join(folder, ".harbor-build/dev/fm");
    const make = (...names: readonly string[]) => {
        for (const name of names) mkdirSync(join(place, name, "src"), { recursive: true });
        return names;
    };
    const others = ["files-mine", "files-0123456789abcdef.bak", "other"];
    make(...others, copyOf(gone(), gone()));
    writeFileSync(join(place, "files-text"), "");
    writeIn(folder);
    const current = readlinkSync(join(place, "context-cde34c9c4e"));
    const kept = [...others, "files-text", current];
    assert.deepEqual(copies(place, ""), [...kept, ...written].sort());
    for (const name of others) rmSync(join(place, name), { recursive: true });
    rmSync(join(place, "files-text"));
    // The last name is of version 0.1.0, which gives no owner.
    for (const owner of [copyOf(1, gone()), copyOf(gone(), 1), "files-0123456789abcdef"]) {
        const names = make(owner, copyOf(gone(), gone()));
        writeIn(folder);
        for (const name of names) assert.ok(existsSync(join(place, name)), name);
        rmSync(join(place, owner), { recursive: true });
    }
    writeIn(folder);
    assert.deepEqual(copies(place), [current]);
});

test("names a copy after the language host of a program, else after the own process alone", () => {
    const variable = "PULUMI_NODEJS_MONITOR";
    const before = process.env[variable];
    const owners = ["127.0.0.1:41234", undefined].map((monitor) => {
        if (monitor === undefined) delete process.env[variable];
        else process.env[variable] = monitor;
        const folder = program(0o002);
        writeIn(folder);
        const [copy = ""] = copies(join(folder, ".harbor-build/dev/fm"));
        return copy.split("-").slice(2, 4).map(Number);
    });
    if (before !== undefined) process.env[variable] = before;
    assert.deepEqual(owners, [
        [process.pid, process.ppid],
        [process.pid, process.pid],
    ]);
});

test("deletes the last copy when the files need none", () => {
    const folder = program(0o002);
    const place = join(folder, ".harbor-build/dev/fm");
    mkdirSync(join(place, copyOf(gone(), gone())), { recursive: true });
    writeIn(folder, SlicePolicy.Whole);
    assert.deepEqual(copies(place), []);
});

test("never builds from a copy that it finds", () => {
    const folder = program(0o002);
    const { slice } = writeIn(folder);
    const place = join(folder, ".harbor-build/dev/fm");
    const names = [`files-${slice.digest.slice(7, 23)}`, copyOf(gone(), gone())];
    for (const name of names) {
        mkdirSync(join(place, name, "src"), { recursive: true });
        writeFileSync(join(place, name, "src/a"), "committed");
    }
    writeIn(folder);
    assert.equal(readFileSync(join(place, "context-cde34c9c4e/src/a"), "utf8"), "a");
});

test("replaces links in the place of its own files, and leaves their targets alone", () => {
    const folder = program(0o022);
    const place = join(folder, ".harbor-build/dev/fm");
    mkdirSync(place, { recursive: true });
    writeFileSync(join(folder, "victim"), "text");
    for (const name of ["Dockerfile", "Dockerfile.dockerignore"]) {
        symlinkSync("../../../victim", join(place, name));
    }
    const { slice } = writeIn(folder);
    assert.equal(readFileSync(join(folder, "victim"), "utf8"), "text");
    assert.ok(lstatSync(join(place, "Dockerfile")).isFile());
    assert.equal(readFileSync(join(place, "Dockerfile"), "utf8"), slice.dockerfile.text);
});

test("replaces folders in the place of its own files", () => {
    const folder = program(0o022);
    const place = join(folder, ".harbor-build/dev/fm");
    for (const name of written) mkdirSync(join(place, name, "below"), { recursive: true });
    writeIn(folder);
    assert.ok(lstatSync(join(place, "Dockerfile")).isFile());
    assert.ok(lstatSync(join(place, "Dockerfile.dockerignore")).isFile());
    assert.equal(readlinkSync(join(place, "context-cde34c9c4e")), "../../../app");
});

test("recognizes an unchanged junction on Windows, which stores an absolute path", () => {
    const link = "C:\\shop\\.harbor-build\\dev\\fm\\context-1";
    const isSame = (current: string, target: string) =>
        isSameTarget(link, current, target, "win32");
    assert.ok(isSame("C:\\shop\\app\\", "..\\..\\..\\app"));
    assert.ok(isSame("c:\\Shop\\App", "..\\..\\..\\app"));
    assert.ok(isSame("D:\\app\\", "D:\\app"));
    assert.ok(!isSame("C:\\shop\\other\\", "..\\..\\..\\app"));
    assert.ok(!isSameTarget("/a/b", "../App", "../app", "linux"));
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
    const folder = program(0o002);
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
    const { length } = dockerfile;
    assert.deepEqual(readFileSync(join(place, "Dockerfile")).subarray(0, length), dockerfile);
});

test("links to a copy, the same on every machine, for a link to something outside the slice", () => {
    const folder = program(0o022);
    symlinkSync("../unread", join(folder, "app/src/outside"));
    writeIn(folder);
    const context = join(folder, ".harbor-build/dev/fm/context-cde34c9c4e");
    assert.match(readlinkSync(context), copyName);
    assert.equal(readlinkSync(join(context, "src/outside")), "../unread");
    assert.deepEqual(readdirSync(context).sort(), ["run.sh", "src"]);
});

test("copies a named context without the generated files, and links to the copy", () => {
    const folder = makeFolder({
        "app/Dockerfile": "FROM scratch\nCOPY --from=repo . /\n",
        "app/a": "a",
        ".dockerignore": "ignored\n",
        ignored: "",
    });
    chmodSync(join(folder, "app/a"), 0o600);
    const before = process.cwd();
    process.chdir(folder);
    try {
        const options = { generated: ".harbor-build" };
        mkdirSync(".harbor-build/dev/fm", { recursive: true });
        const write = () => {
            const { dockerfile, tree } = openContext("app", "app/Dockerfile", options);
            const contextFolders = { repo: openFolder(".", options) };
            const named = { namedContexts: ["repo"] };
            const slice = sliceContext({ dockerfile, tree, options: named, contextFolders });
            return writeSlice(slice, tree, ".harbor-build/dev/fm");
        };
        const { namedContexts = {} } = write();
        assert.deepEqual(Object.keys(namedContexts), ["repo"]);
        const place = String(namedContexts["repo"]);
        assert.match(place, /^\.harbor-build\/dev\/fm\/context-[0-9a-f]{10}$/);
        assert.notEqual(place, ".harbor-build/dev/fm/context-cde34c9c4e");
        assert.deepEqual(readdirSync(place).sort(), [".dockerignore", "app"]);
        assert.equal(mode(join(place, "app/a")), "600");
        const copy = readlinkSync(place);
        // The component's own files are no change.
        assert.deepEqual(write().namedContexts, namedContexts);
        assert.equal(readlinkSync(place), copy);
    } finally {
        process.chdir(before);
    }
});
