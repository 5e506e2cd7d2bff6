import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Certificates } from "./certificates";
import { type Daemon, ensureDaemon, stopDaemon } from "./daemon";
import { daemonEnvironment } from "./environment";
import { writeAtomically } from "./files";
import { type Places, privateFolder } from "./places";
import { accepts } from "./ports";
import { SandboxError } from "./sandboxError";

const run = promisify(execFile);

/** How BuildKit connects to one registry. */
export interface RegistryEntry {
    /** Plain http. @default false */
    readonly http?: boolean;
    /** Accept any certificate. @default false */
    readonly insecure?: boolean;
    /** Mirrors to ask first. */
    readonly mirrors?: readonly string[];
}

export interface BuildkitOptions {
    /** Name of the instance, also used for its files. @default "buildkitd" */
    readonly name?: string;
    readonly buildkitd: string;
    readonly runc: string;
    /**
     * PEM of the certificate authorities that the instance trusts, for every registry. @default the
     * machine's
     */
    readonly caBundle?: string;
    /**
     * Whether it keeps everything that it built. Otherwise it prunes what no build uses after builds,
     * while less than a fifth of the disk is free. @default false
     */
    readonly keepsCache?: boolean | undefined;
    /** Registries by host. */
    readonly registries?: Readonly<Record<string, RegistryEntry>>;
    /** A port of the loopback interface where it also listens, with mutual TLS. @default none */
    readonly tcp?: { readonly port: number; readonly certificates: Certificates } | undefined;
}

const quote = JSON.stringify; // TOML's basic strings have the syntax of JSON strings.
const rootOf = (places: Places, name: string): string => join(places.buildkit, name);
const folderOf = (places: Places, name: string): string => join(places.sockets, name);
const socketOf = (places: Places, name: string): string =>
    join(folderOf(places, name), "buildkitd.sock");

/** Where clients find an instance. */
export const buildkitAddress = (places: Places, name = "buildkitd"): string =>
    `unix://${socketOf(places, name)}`;

function registryToml(host: string, entry: RegistryEntry): string {
    const lines = [`[registry.${quote(host)}]`];
    if (entry.mirrors !== undefined) {
        lines.push(`mirrors = [${entry.mirrors.map((mirror) => quote(mirror)).join(", ")}]`);
    }
    // Always set: BuildKit's default for loopback addresses is http.
    lines.push(`http = ${entry.http ?? false}`);
    if (entry.insecure === true) {
        lines.push("insecure = true");
    }
    return lines.join("\n");
}

function grpcToml(address: string, tcp: BuildkitOptions["tcp"]): string {
    if (tcp === undefined) {
        return `[grpc]\naddress = [${quote(address)}]`;
    }
    const { caFile, certificateFile, keyFile } = tcp.certificates;
    return [
        `[grpc]\naddress = [${quote(address)}, "tcp://127.0.0.1:${tcp.port}"]`,
        `[grpc.tls]\ncert = ${quote(certificateFile)}\nkey = ${quote(keyFile)}\nca = ${quote(caFile)}`,
    ].join("\n");
}

function configuration(places: Places, name: string, options: BuildkitOptions): string {
    const registries = Object.entries(options.registries ?? {});
    return [
        `root = ${quote(rootOf(places, name))}`,
        grpcToml(buildkitAddress(places, name), options.tcp),
        `[worker.oci]\nenabled = true\nbinary = ${quote(join(folderOf(places, name), "runc"))}` +
            (options.keepsCache ? "\ngc = false" : ""),
        "[worker.containerd]\nenabled = false",
        ...registries.map(([host, entry]) => registryToml(host, entry)),
        "",
    ].join("\n\n");
}

function daemonOf(places: Places, options: BuildkitOptions): Daemon {
    const name = options.name ?? "buildkitd";
    const folder = folderOf(places, name);
    privateFolder(folder);
    mkdirSync(rootOf(places, name), { recursive: true, mode: 0o700 });
    // With a shared state folder, `runc list` would mix in other daemons' containers.
    const wrapper = `#!/bin/sh\nexec ${shellQuote(options.runc)} --root ${shellQuote(join(folder, "runc.state"))} "$@"\n`;
    writeAtomically(join(folder, "runc"), wrapper, 0o700);
    const file = join(folder, "buildkitd.toml");
    const content = configuration(places, name, options);
    writeAtomically(file, content, 0o600);
    const { caBundle } = options;
    return {
        name,
        command: options.buildkitd,
        args: ["--config", file],
        environment: daemonEnvironment(caBundle === undefined ? {} : { SSL_CERT_FILE: caBundle }),
        // BuildKit reads its authorities only at its start.
        fingerprint: [content, wrapper, caBundle && readFileSync(caBundle, "utf8")].join("\n"),
        isReady: () => accepts({ path: socketOf(places, name) }),
    };
}

const shellQuote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * Starts a BuildKit unless one runs as described, and returns its address.
 *
 * @throws SandboxError when BuildKit cannot start; it needs root.
 */
export async function startBuildkit(places: Places, options: BuildkitOptions): Promise<string> {
    if (process.getuid?.() !== 0) {
        throw new SandboxError(
            "buildkitd needs root to unpack layers and run steps: run this as root, or set " +
                "BUILDX_BUILDER to your own buildx builder",
        );
    }
    const name = options.name ?? "buildkitd";
    mkdirSync(places.buildkit, { recursive: true, mode: 0o700 });
    await ensureDaemon(places, daemonOf(places, options));
    return buildkitAddress(places, name);
}

/** Stops an instance; no container of its steps is left behind. */
export async function stopBuildkit(places: Places, name = "buildkitd"): Promise<void> {
    await stopDaemon(places, name);
    await removeContainers(places, name);
    for (const mount of mountsBelow(rootOf(places, name))) {
        await run("umount", ["--lazy", mount]).catch(() => undefined); // The container may end with its parent.
    }
}

async function removeContainers(places: Places, name: string): Promise<void> {
    const runc = join(folderOf(places, name), "runc");
    let listed: string;
    try {
        listed = (await run(runc, ["list", "--quiet"])).stdout;
    } catch {
        return; // The instance never ran a step.
    }
    for (const id of listed.split("\n").filter((line) => line !== "")) {
        await run(runc, ["delete", "--force", id]);
    }
}

function mountsBelow(folder: string): string[] {
    return readFileSync("/proc/self/mountinfo", "utf8")
        .split("\n")
        .map((line) => line.split(" ")[4] ?? "")
        .filter((path) => path.startsWith(`${folder}/`))
        .reverse();
}

/** Deletes all data of an instance, which must be stopped. */
export function eraseBuildkit(places: Places, name = "buildkitd"): void {
    rmSync(rootOf(places, name), { recursive: true, force: true });
    rmSync(folderOf(places, name), { recursive: true, force: true });
}
