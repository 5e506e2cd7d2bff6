import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import type { BuilderNode } from "./builders";

/** A connection to a BuildKit. */
export interface Connection {
    readonly stream: Duplex;
    /** Lets the process end while the connection is open. */
    unref(): void;
}

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

function dialByDocker(builder: string, env: NodeJS.ProcessEnv): Connection {
    const child = spawn("docker", ["buildx", "dial-stdio", "--builder", builder], {
        env,
        stdio: ["pipe", "pipe", "ignore"],
    });
    const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
    child.on("error", (cause) => {
        stream.destroy(new Error(`docker buildx dial-stdio: ${cause.message}`, { cause }));
    });
    stream.on("close", () => child.kill());
    return {
        stream,
        unref: () => {
            child.unref();
            // The pipes of a child are sockets, which the types do not show.
            for (const pipe of [child.stdin, child.stdout] as unknown as { unref?(): void }[]) {
                pipe.unref?.();
            }
        },
    };
}
