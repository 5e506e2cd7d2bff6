import assert from "node:assert/strict";
import {
    chmodSync,
    mkdirSync,
    readdirSync,
    rmSync,
    statSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { readFile, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { before, test } from "node:test";
import { unpackImage } from "../support/image";
import { openLab, uniqueName } from "../support/lab";
import { succeeded } from "../support/run";
import { sharedStack } from "../support/sharedStack";
import { writeFolder } from "../support/tinyProject";

const project = uniqueName("links");
const dockerfile = `
FROM alpine:3.22 AS build
COPY . /app
COPY --from=lib . /lib-files
RUN cat /app/current/text /lib-files/current/text > /out
FROM alpine:3.22
COPY --from=build /out /out
COPY data /data
`;
const program = `
import { CachedImage } from "harbor-build";

new CachedImage("links", {
    project: { name: "${project}" },
    context: "main",
    namedContexts: { lib: "lib" },
    retainImages: false,
});
`;
const folders = ["main", "lib"];
const texts = Object.fromEntries(
    folders.flatMap((folder) =>
        ["v1", "v2"].map((version) => [`${folder}/${version}/text`, `${folder} ${version}\n`]),
    ),
);
const lab = openLab();
const stack = sharedStack(lab, program, {
    files: writeFolder({ "main/Dockerfile": dockerfile, "main/data/key": "key\n", ...texts }),
});

function point(folder: string, target: string): void {
    const link = join(stack.folder, folder, "current");
    rmSync(link, { force: true });
    symlinkSync(target, link);
}

/** Deploys, and unpacks the app image. */
async function built<T>(look: (rootfs: string) => Promise<T>): Promise<T> {
    succeeded(await stack.up());
    const rootfs = await unpackImage(lab.admin, `${project}/links`, "latest");
    try {
        return await look(rootfs);
    } finally {
        await rm(rootfs, { recursive: true });
    }
}

const output = () => built((rootfs) => readFile(join(rootfs, "out"), "utf8"));

before(() => {
    for (const folder of folders) point(folder, "v1");
    chmodSync(join(stack.folder, "main/data/key"), 0o600);
});

test("builds what a link leads to, and keeps the mode of a private key", async () => {
    const [text, mode] = await built(async (rootfs) => [
        await readFile(join(rootfs, "out"), "utf8"),
        (await stat(join(rootfs, "data/key"))).mode & 0o7777,
    ]);
    assert.equal(text, "main v1\nlib v1\n");
    assert.equal(mode, 0o600);
});

test("builds again after a link to a folder points elsewhere", async () => {
    point("main", "v2");
    assert.equal(await output(), "main v2\nlib v1\n");
    point("lib", "v2");
    assert.equal(await output(), "main v2\nlib v2\n");
});

test("builds again after an empty folder is added", async () => {
    mkdirSync(join(stack.folder, "main/data/empty"));
    const isFolder = built(async (rootfs) =>
        (await stat(join(rootfs, "data/empty"))).isDirectory(),
    );
    assert.equal(await isFolder, true);
});

test("shows no diff while nothing changes", async () => {
    const { operations } = succeeded(await stack.preview());
    assert.deepEqual([...new Set(Object.values(operations))], ["same"]);
});

test("leaves one copy of the files of each image under umask 002", async () => {
    const file = join(stack.folder, "main/v1/text");
    for (const text of ["one\n", "two\n"]) {
        writeFileSync(file, text);
        chmodSync(file, 0o664);
        succeeded(await stack.preview());
    }
    const generated = join(stack.folder, ".harbor-build");
    const copies = readdirSync(generated, { recursive: true, encoding: "utf8" })
        .filter((path) => basename(path).startsWith("files-"))
        .map((path) => basename(dirname(path)));
    assert.deepEqual(copies.sort(), ["app", "stage-build"]);
    assert.equal(statSync(generated).mode & 0o7777, 0o700);
});
