import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import type { BuilderNode } from "./builders";

/** A connection to a BuildKit. */
export interface Connection {
    readonly stream: Socket;
    /** Lets the process end while the connection is open. */
    unref(): void;
}

/** Longest reason of a program that is kept, in characters. */
const reasonLengthMax = 2000;

/**
 * Connects to a BuildKit: directly to a remote one, and through `docker buildx dial-stdio` to those
 * that buildx runs in containers or pods. A connection that fails ends with an error on its stream.
 *
 * @throws Error when a certificate cannot be read.
 */
export function dial(node: BuilderNode, env: NodeJS.ProcessEnv): Connection {
    const { driver, endpoint } = node;
    if (driver === "remote" && endpoint.startsWith("unix://")) {
        const stream = connect(endpoint.slice("unix://".length));
        return { stream, unref: () => stream.unref() };
    }
    if (driver === "remote" && endpoint.startsWith("tcp://")) {
        const stream = dialHost(new URL(endpoint), node.options);
        return { stream, unref: () => stream.unref() };
    }
    return dialByDocker(node.builder, env);
}

function dialHost({ hostname, port }: URL, options: BuilderNode["options"]) {
    const { cacert, cert, key, servername } = options;
    const address = { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) };
    if (cacert === undefined && servername === undefined) {
        return connect(address);
    }
    const read = (path: string | undefined) =>
        path === undefined ? undefined : readFileSync(path);
    return connectTls({
        ...address,
        servername: servername ?? hostname,
        ca: read(cacert),
        cert: read(cert),
        key: read(key),
        ALPNProtocols: ["h2"],
    });
}

/** The programs that connect to builders. They end with this process, also after an error. */
const programs = new Set<ChildProcess>();

function dialByDocker(builder: string, env: NodeJS.ProcessEnv): Connection {
    const child = spawn("docker", ["buildx", "dial-stdio", "--builder", builder], { env });
    if (programs.size === 0) process.once("exit", endPrograms);
    programs.add(child);
    const { socket, server } = socketTo(child);
    let reason = "";
    child.stderr.on("data", (chunk: Buffer) => {
        reason = `${reason}${chunk}`.slice(0, reasonLengthMax);
    });
    child.on("error", (cause) => {
        socket.destroy(new Error(`docker buildx dial-stdio: ${cause.message}`, { cause }));
    });
    child.on("close", () => {
        programs.delete(child);
        const [line = "the connection ended"] = /[^\n]+/.exec(reason) ?? [];
        socket.destroy(new Error(`docker buildx dial-stdio: ${line}`));
    });
    socket.on("close", () => child.kill());
    return {
        stream: socket,
        unref: () => {
            // The pipes of a child are sockets, which the types do not show.
            const pipes = [child.stdin, child.stdout, child.stderr] as unknown as Socket[];
            for (const one of [child, server, socket, ...pipes]) one.unref();
        },
    };
}

function endPrograms(): void {
    for (const child of programs) child.kill();
    programs.clear();
}

/**
 * A socket that leads to a program's standard input and output. HTTP/2 of Node.js 22 and 24 needs a
 * socket of the system: over another stream, a write after the program has ended stops the whole
 * process with an internal assertion (lib/internal/js_stream_socket.js).
 */
function socketTo({ stdin, stdout }: ChildProcessWithoutNullStreams) {
    const name = `harbor-build-${process.pid}-${randomBytes(8).toString("hex")}`;
    const path = process.platform === "win32" ? `\\\\.\\pipe\\${name}` : join(tmpdir(), name);
    const server = createServer((far) => {
        // Removes the path; the connection stays.
        server.close();
        far.unref();
        far.on("error", () => undefined).pipe(stdin);
        stdout.pipe(far, { end: false });
    });
    // Calls report it.
    stdin.on("error", () => undefined);
    server.on("error", () => undefined).listen(path);
    return { socket: connect(path), server };
}
