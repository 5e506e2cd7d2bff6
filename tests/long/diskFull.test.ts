import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
    copyFileSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    statfsSync,
    truncateSync,
    writeFileSync,
} from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import { promisify } from "node:util";
import { startBuildkit, stopBuildkit } from "../../tools/sandbox/buildkit";
import { makePlaces, placesOf } from "../../tools/sandbox/places";
import { readSandbox } from "../../tools/sandbox/sandbox";
import { busybox } from "../../tools/toolchain/pieces/debian";
import { atEnd } from "../support/atEnd";
import { writeBuilders } from "../support/builders";
import { manifestsIn, readContents } from "../support/harborContents";
import { type Lab, openLab, root, uniqueName } from "../support/lab";
import { startRegistryProxy } from "../support/registryProxy";
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

const newStack = (environment: NodeJS.ProcessEnv = {}, project = uniqueName("full")) =>
    TestStack.create(lab, tinyProgram(project), {
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

/** Whether a file of Pulumi's is whole. */
function isWhole(file: string): boolean {
    try {
        JSON.parse(readFileSync(file, "utf8"));
        return true;
    } catch {
        return false;
    }
}

/** The stack's checkpoint in a folder of states. */
const checkpointIn = (state: string) => join(state, ".pulumi", "stacks", "test", "dev.json");

/** Follows the steps of TROUBLESHOOTING.md after a checkpoint was cut. */
function restore(state: string): void {
    const checkpoint = checkpointIn(state);
    const backups = join(state, ".pulumi", "backups", "test", "dev");
    const newestFirst = readdirSync(backups)
        .filter((name) => name.endsWith(".json"))
        .sort()
        .reverse()
        .map((name) => join(backups, name));
    const copy = [`${checkpoint}.bak`, ...newestFirst].find(isWhole);
    assert.ok(copy);
    copyFileSync(copy, checkpoint);
}

test("loses nothing when the disk of the state fills up while an image is pushed", {
    skip,
}, async () => {
    const state = newDisk(2 * mib);
    const proxy = await startRegistryProxy(lab.admin.url);
    const stack = await newStack({
        HARBOR_URL: proxy.url,
        PULUMI_BACKEND_URL: `file://${state}`,
    });
    succeeded(await stack.up());
    await writeFile(join(stack.folder, "tiny", "lib.txt"), "changed\n");
    let free: (() => void) | undefined;
    proxy.onNext(/^PUT .*\/tiny\/manifests\//, () => {
        free = fill(state);
    });
    const { output } = failed(await stack.up());
    assert.ok(free, output);
    assert.match(output, /error: .*no space left on device/);
    free();
    if (!isWhole(checkpointIn(state))) restore(state);
    await stack.pulumi(["cancel", "--yes"]);
    await completes(stack);
});

for (const copy of ["Pulumi's copy", "its last backup"]) {
    test(`repairs a checkpoint that a full disk has cut from ${copy}`, async () => {
        const project = uniqueName("full");
        const stack = await newStack({}, project);
        const state = join(stack.folder, ".state");
        for (const text of ["first\n", "second\n"]) {
            await writeFile(join(stack.folder, "tiny", "lib.txt"), text);
            succeeded(await stack.up());
        }
        const images = manifestsIn(await readContents(lab.admin, project));
        truncateSync(checkpointIn(state), 0);
        if (copy === "its last backup") truncateSync(`${checkpointIn(state)}.bak`, 0);
        const { output } = failed(await stack.up());
        assert.match(output, /error: failed to load checkpoint: .*unexpected end of JSON input/);
        restore(state);
        await completes(stack);
        const now = manifestsIn(await readContents(lab.admin, project));
        assert.deepEqual(
            images.filter((image) => !now.includes(image)),
            [],
        );
    });
}

// With so little room, apt-get reports success without a list of packages, or fails to unpack one.
for (const free of [mib / 8, mib]) {
    test(`names the folder of the toolchain when its disk has only ${free} bytes`, {
        skip,
    }, async (context) => {
        if ((await busybox.findOnMachine?.()) !== undefined) {
            context.skip("this machine has the program that the test fetches");
            return;
        }
        const disk = newDisk(free);
        const script =
            'require("./tools/toolchain/tools").ensureTools(["busybox"]).catch(({ message }) => console.log(message))';
        const ensure = () =>
            run(process.execPath, ["--import", "tsx", "-e", script], {
                cwd: root,
                env: { ...process.env, HARBOR_BUILD_CACHE: disk },
            });
        const { stdout } = await ensure();
        assert.match(
            stdout,
            new RegExp(
                `^busybox .* could not be built: the disk is full\\. The build writes to cache ${disk}/toolchain \\(.* Free some space, or point HARBOR_BUILD_CACHE, `,
            ),
        );
        assert.deepEqual(readdirSync(join(disk, "toolchain")), ["logs"]);
        execFileSync("mount", ["-o", `remount,size=${64 * mib}`, disk]);
        assert.equal((await ensure()).stdout, "");
        assert.match(readdirSync(join(disk, "toolchain")).join(" "), /^busybox-[0-9a-f]+ logs$/);
    });
}

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
