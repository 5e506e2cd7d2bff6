import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BuilderNode } from "./builders";

/** Where a BuildKit answers. */
export interface Address {
    /** The name for gRPC: `unix:/run/buildkit/buildkitd.sock`. */
    readonly target: string;
    /** Undefined for a connection without TLS. */
    readonly tls?: {
        readonly ca: Buffer | null;
        readonly cert: Buffer | null;
        readonly key: Buffer | null;
        readonly servername: string;
    };
    /** Why the address cannot be used any more; empty while it may be used. */
    readonly fault: () => string;
}

/** What docker 20 to 28 answer without the plugin: the flag belongs to no command of theirs. */
const hasNoBuildx =
    /unknown flag: --builder|unknown command: docker buildx|is not a docker command/;

/** Longest reason of a program that is kept, in characters. */
const reasonLengthMax = 2000;

/**
 * Finds where a BuildKit answers: a remote one directly, and those that buildx runs in containers or
 * pods through `docker buildx dial-stdio`.
 *
 * @throws Error when a certificate cannot be read.
 */
export function dial({ builder, driver, endpoint, options }: BuilderNode, env: NodeJS.ProcessEnv) {
    if (driver === "remote" && endpoint.startsWith("unix://")) {
        return { target: `unix:${endpoint.slice("unix://".length)}`, fault: () => "" };
    }
    if (driver === "remote" && endpoint.startsWith("tcp://")) {
        return dialHost(new URL(endpoint), options);
    }
    return dialByDocker(builder, env);
}

function dialHost({ host, hostname }: URL, options: BuilderNode["options"]): Address {
    const { cacert, cert, key, servername = hostname.replace(/^\[|\]$/g, "") } = options;
    const address = { target: `dns:${host}`, fault: () => "" };
    if (cacert === undefined && options["servername"] === undefined) {
        return address;
    }
    const read = (path: string | undefined) => (path === undefined ? null : readFileSync(path));
    return { ...address, tls: { ca: read(cacert), cert: read(cert), key: read(key), servername } };
}

const isWindows = process.platform === "win32";

/** The programs that connect to builders. They end with this process, also after an error. */
const programs = new Set<ChildProcess>();

function endPrograms(): void {
    for (const child of programs) endProgram(child);
}

/** Ends a program and those that it started: docker leaves its plugin running when it is killed. */
function endProgram(child: ChildProcess): void {
    if (!programs.delete(child) || child.pid === undefined) return;
    try {
        if (isWindows) child.kill();
        else process.kill(-child.pid, "SIGKILL");
    } catch {
        // All of them have ended.
    }
}

/**
 * Ends a program when this process ends without an event, such as by SIGKILL. buildx does not end with
 * its standard input while the builder keeps the connection open. The program needs a process group of
 * its own.
 */
function guard(child: ChildProcess): void {
    if (isWindows || child.pid === undefined) return;
    const script = 'read -r _; kill -9 "-$1"';
    const watcher = spawn("/bin/sh", ["-c", script, "sh", String(child.pid)], {
        detached: true,
        stdio: ["pipe", "ignore", "ignore"],
    });
    // Without a watcher, the program still ends with the event.
    watcher.on("error", () => undefined);
    child.on("close", () => watcher.kill("SIGKILL"));
    for (const one of [watcher, watcher.stdin as unknown as Socket]) one.unref();
}

/** Makes a socket that leads to a program's standard input and output, for one connection. */
function dialByDocker(builder: string, env: NodeJS.ProcessEnv): Address {
    const args = ["buildx", "dial-stdio", "--builder", builder];
    const child = spawn("docker", args, { env, detached: !isWindows });
    const { stdin, stdout, stderr } = child;
    // A second registration replaces the first.
    process.off("exit", endPrograms).once("exit", endPrograms);
    programs.add(child);
    guard(child);
    const name = `harbor-build-${process.pid}-${randomBytes(8).toString("hex")}`;
    const path = isWindows ? `\\\\.\\pipe\\${name}` : join(tmpdir(), name);
    const sockets: Socket[] = [];
    let reason = "";
    let fault = "";
    const end = (why: string) => {
        fault ||= `docker buildx dial-stdio: ${why}`;
        endProgram(child);
        server.close();
        for (const socket of sockets) socket.destroy();
    };
    const server = createServer((socket) => {
        // Removes the path; the connection stays.
        server.close();
        sockets.push(socket.unref());
        socket.on("error", () => undefined).on("close", () => end("the connection ended"));
        socket.pipe(stdin);
        stdout.pipe(socket, { end: false });
    });
    server.on("error", ({ message }) => end(message)).listen(path);
    // Calls report it.
    stdin.on("error", () => undefined);
    stderr.on("data", (chunk: Buffer) => {
        reason = `${reason}${chunk}`.slice(0, reasonLengthMax);
    });
    child.on("error", ({ message }) => end(message));
    child.on("close", () => {
        // Before `end`, which kills the group of each program in the list: its id may be reused by now.
        programs.delete(child);
        end(
            hasNoBuildx.test(reason)
                ? "docker has no buildx; install the plugin, https://github.com/docker/buildx"
                : (/[^\n]+/.exec(reason)?.[0] ?? "the connection ended"),
        );
    });
    // The pipes of a child are sockets, which the types do not show.
    const pipes = [stdin, stdout, stderr] as unknown as Socket[];
    for (const one of [child, server, ...pipes]) one.unref();
    return { target: `unix:${path}`, fault: () => fault };
}
