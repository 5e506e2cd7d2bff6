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

/** The programs that connect to builders. They end with this process, also after an error. */
const programs = new Set<ChildProcess>();

function endPrograms(): void {
    for (const child of programs) child.kill();
    programs.clear();
}

/** Makes a socket that leads to a program's standard input and output, for one connection. */
function dialByDocker(builder: string, env: NodeJS.ProcessEnv): Address {
    const child = spawn("docker", ["buildx", "dial-stdio", "--builder", builder], { env });
    const { stdin, stdout, stderr } = child;
    // A second registration replaces the first.
    process.off("exit", endPrograms).once("exit", endPrograms);
    programs.add(child);
    const name = `harbor-build-${process.pid}-${randomBytes(8).toString("hex")}`;
    const path = process.platform === "win32" ? `\\\\.\\pipe\\${name}` : join(tmpdir(), name);
    const sockets: Socket[] = [];
    let reason = "";
    let fault = "";
    const end = (why: string) => {
        fault ||= `docker buildx dial-stdio: ${why}`;
        programs.delete(child);
        child.kill();
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
    child.on("close", () => end(/[^\n]+/.exec(reason)?.[0] ?? "the connection ended"));
    // The pipes of a child are sockets, which the types do not show.
    const pipes = [stdin, stdout, stderr] as unknown as Socket[];
    for (const one of [child, server, ...pipes]) one.unref();
    return { target: `unix:${path}`, fault: () => fault };
}
