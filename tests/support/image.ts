import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { lstatSync, readFileSync, readlinkSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { pull, type RegistryAccess } from "./registry";

interface Descriptor {
    readonly mediaType: string;
    readonly digest: string;
    readonly size: number;
}

/** The process of an image, from its config. */
export interface ImageConfig {
    readonly Env?: readonly string[];
    readonly Entrypoint?: readonly string[];
    readonly Cmd?: readonly string[];
    readonly WorkingDir?: string;
    readonly Labels?: Readonly<Record<string, string>>;
}

/** Manifest of one image, by tag or digest. */
export async function readManifest(
    access: RegistryAccess,
    repository: string,
    reference: string,
): Promise<{ digest: string; config: Descriptor; layers: readonly Descriptor[] }> {
    const answer = await pull(access, repository, `manifests/${reference}`);
    assert.equal(answer.status, 200, `${repository}:${reference} ${answer.body.toString("utf8")}`);
    const manifest = JSON.parse(answer.body.toString("utf8"));
    return { ...manifest, digest: String(answer.headers["docker-content-digest"]) };
}

/** The digest of an image all of whose blobs the registry has; fails when it lacks one. */
export async function wholeImage(
    access: RegistryAccess,
    repository: string,
    reference: string,
): Promise<string> {
    const { digest, config, layers } = await readManifest(access, repository, reference);
    for (const blob of [config, ...layers]) {
        const { status, body } = await pull(access, repository, `blobs/${blob.digest}`);
        assert.equal(status, 200, `${repository}:${reference} lacks ${blob.digest}`);
        assert.equal(body.length, blob.size);
    }
    return digest;
}

/** The image's config as BuildKit wrote it, with the inline cache. */
export async function readConfig(
    access: RegistryAccess,
    repository: string,
    reference: string,
): Promise<{ config: ImageConfig; "moby.buildkit.cache.v0"?: unknown }> {
    const { config } = await readManifest(access, repository, reference);
    const blob = await pull(access, repository, `blobs/${config.digest}`);
    assert.equal(blob.status, 200);
    return JSON.parse(blob.body.toString("utf8"));
}

/** Unpacks the pushed layers into a new folder and returns its path. */
export async function unpackImage(
    access: RegistryAccess,
    repository: string,
    reference: string,
): Promise<string> {
    const { layers } = await readManifest(access, repository, reference);
    const rootfs = await mkdtemp(join(tmpdir(), "hb-rootfs-"));
    for (const [index, layer] of layers.entries()) {
        const blob = await pull(access, repository, `blobs/${layer.digest}`);
        assert.equal(blob.status, 200, layer.digest);
        const tar = layer.mediaType.endsWith("zstd")
            ? zstdDecompressSync(blob.body)
            : gunzipSync(blob.body);
        const file = join(rootfs, `.layer-${index}.tar`);
        await writeFile(file, tar);
        const names = execFileSync("tar", ["-tf", file], { encoding: "utf8" }).split("\n");
        assert.deepEqual(
            names.filter((name) => /(^|\/)\.wh\./.test(name)),
            [],
            "the tests' unpacking knows no whiteouts",
        );
        execFileSync("tar", ["-xpf", file, "-C", rootfs]);
        await rm(file);
    }
    return rootfs;
}

/** What the pushed layers have at each path, without times: kind, mode, owner, content. */
export async function describeImage(
    access: RegistryAccess,
    repository: string,
    reference: string,
): Promise<Readonly<Record<string, string>>> {
    const rootfs = await unpackImage(access, repository, reference);
    const paths = await readdir(rootfs, { recursive: true });
    const files = paths.sort().map((path) => [path, describeFile(join(rootfs, path))] as const);
    await rm(rootfs, { recursive: true });
    return Object.fromEntries(files);
}

function describeFile(path: string): string {
    const found = lstatSync(path);
    const content = found.isSymbolicLink()
        ? `-> ${readlinkSync(path)}`
        : found.isFile()
          ? createHash("sha256").update(readFileSync(path)).digest("hex")
          : "";
    return `${found.mode.toString(8)} ${found.uid}:${found.gid} ${content}`;
}

/** A simple container: the image's process in the image's root folder. */
export interface RunningImage {
    readonly process: ChildProcess;
    stop(): Promise<void>;
}

/** Starts the image's entry point in its unpacked root folder, with further arguments. */
export async function runImage(
    access: RegistryAccess,
    repository: string,
    reference: string,
    args: readonly string[],
): Promise<RunningImage> {
    const { config } = await readConfig(access, repository, reference);
    const rootfs = await unpackImage(access, repository, reference);
    const command = [...(config.Entrypoint ?? []), ...args];
    const script = `cd "$1" && shift && exec "$@"`;
    const child = spawn(
        "chroot",
        [rootfs, "/bin/sh", "-c", script, "sh", config.WorkingDir || "/", ...command],
        {
            env: Object.fromEntries((config.Env ?? []).map((line) => splitVariable(line))),
            stdio: ["ignore", "inherit", "inherit"],
        },
    );
    return {
        process: child,
        async stop() {
            const gone = new Promise((resolve) => child.once("exit", resolve));
            if (child.exitCode === null && child.signalCode === null) {
                child.kill("SIGTERM");
                await gone;
            }
            await rm(rootfs, { recursive: true, force: true });
        },
    };
}

function splitVariable(line: string): [string, string] {
    const at = line.indexOf("=");
    return [line.slice(0, at), line.slice(at + 1)];
}

/** Repeats a request until it gets an answer, for at most ten seconds. */
export async function askUntilUp(url: string): Promise<unknown> {
    const deadline = Date.now() + 10_000;
    for (;;) {
        try {
            const response = await fetch(url);
            assert.equal(response.status, 200);
            return await response.json();
        } catch (error) {
            if (Date.now() > deadline) {
                throw error;
            }
            await sleep(100);
        }
    }
}
