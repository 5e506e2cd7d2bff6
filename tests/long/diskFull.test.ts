import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import { promisify } from "node:util";
import { startBuildkit, stopBuildkit } from "../../tools/sandbox/buildkit";
import { makePlaces, placesOf } from "../../tools/sandbox/places";
import { readSandbox } from "../../tools/sandbox/sandbox";
import { atEnd } from "../support/atEnd";
import { writeBuilders } from "../support/builders";
import { type Lab, openLab, uniqueName } from "../support/lab";
import { changesOf, failed, succeeded } from "../support/run";
import { TestStack } from "../support/stack";
import { tinyFiles, tinyProgram, writeFolder } from "../support/tinyProject";

const run = promisify(execFile);
const skip = process.getuid?.() !== 0 && "only root mounts a small disk";
const mib = 2 ** 20;
let lab: Lab;

before(() => {
    lab = openLab();
});

/** Puts a small disk at a folder. */
function mountDisk(folder: string, bytes: number): string {
    mkdirSync(folder, { recursive: true });
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", folder]);
    atEnd(async () => {
        await run("umount", ["--lazy", folder]);
        rmSync(folder, { recursive: true, force: true });
    });
    return folder;
}

const newDisk = (bytes: number) => mountDisk(mkdtempSync(join(tmpdir(), "hb-disk-")), bytes);

/** Leaves nothing free on a disk; returns the function that frees it again. */
function fill(disk: string): () => void {
    const file = join(disk, "filler");
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(file, Buffer.alloc(bavail * bsize));
    assert.equal(statfsSync(disk).bavail, 0);
    return () => rmSync(file);
}

const newStack = (environment: NodeJS.ProcessEnv = {}) =>
    TestStack.create(lab, tinyProgram(uniqueName("full")), {
        files: writeFolder(tinyFiles),
        environment,
    });

/** Deploys a stack on a disk with room; then nothing is left to do. */
async function completes(stack: TestStack): Promise<void> {
    succeeded(await stack.up());
    assert.deepEqual(changesOf(succeeded(await stack.up())), {});
}

test("names the program's folder when its disk is full, and completes when there is room", {
    skip,
}, async () => {
    const stack = await newStack();
    const free = fill(mountDisk(join(stack.folder, ".harbor-build"), mib / 4));
    const { output } = failed(await stack.up());
    assert.match(
        output,
        /\.harbor-build\S*: the disk is full \(ENOSPC\)\. Expected room for the files from which the image is built\. Fix: free space on the disk of the program's folder/,
    );
    assert.doesNotMatch(output, /^\s+at .*:\d+:\d+/m);
    free();
    await completes(stack);
});

test("needs no room in the temporary folder", { skip }, async () => {
    const disk = newDisk(mib / 4);
    const stack = await newStack({ TMPDIR: disk });
    fill(disk);
    await completes(stack);
});

test("names the builder's disk when it is full, and completes on a larger one", {
    skip,
}, async () => {
    const disk = newDisk(48 * mib);
    const places = placesOf(disk);
    makePlaces(places);
    const { tools, dataDir } = lab.sandboxOptions;
    const mirror = readSandbox(dataDir)?.mirror?.host;
    const { url } = lab.admin;
    const endpoint = await startBuildkit(places, {
        buildkitd: tools.buildkitd,
        runc: tools.runc,
        keepsCache: true,
        caBundle: lab.environment["SSL_CERT_FILE"] ?? "",
        registries: {
            [new URL(url).host]: { http: url.startsWith("http:") },
            ...(mirror === undefined
                ? {}
                : { "docker.io": { mirrors: [mirror] }, [mirror]: { http: true } }),
        },
    });
    atEnd(() => stopBuildkit(places));
    const stack = await newStack(await writeBuilders({ small: [{ endpoint }] }));
    await writeFile(join(stack.folder, "tiny", "shared.txt"), randomBytes(80 * mib));
    const { output } = failed(await stack.up());
    assert.match(output, /error: .*no space left on device/);
    assert.match(
        output,
        /warning: the builder's disk is full; not retried\. Fix: free space on the disk of the builder, for example with docker buildx prune, or give BuildKit a larger disk\. Then run `pulumi up` again\./,
    );
    execFileSync("mount", ["-o", `remount,size=${2048 * mib}`, disk]);
    await completes(stack);
});
