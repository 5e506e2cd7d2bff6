import { connect, createServer, type Socket } from "node:net";
import { pipeline } from "node:stream";
import { connect as connectTls } from "node:tls";

/** Bytes that passed a relay. */
export interface Traffic {
    /** From Harbor. */
    readonly pulled: number;
    /** To Harbor. */
    readonly pushed: number;
}

/** Counts what passes between a Harbor and its clients, of which BuildKit is one. */
export interface Relay {
    /** Host and port that clients use instead of Harbor's. */
    readonly host: string;
    /** The bytes since the previous call. */
    take(): Traffic;
    close(): Promise<void>;
}

/** The first byte of a TLS connection (RFC 8446, section 5.1: a handshake record). */
const tlsHandshake = 0x16;

/**
 * Starts a relay on the loopback interface. It passes bytes on and does not read them, TLS included. A
 * Harbor with https also gets the plain HTTP requests: on a loopback host, docker-build's Index pushes
 * over plain HTTP.
 */
export async function startRelay(target: URL): Promise<Relay> {
    const port = Number(target.port) || (target.protocol === "https:" ? 443 : 80);
    let pulled = 0;
    let pushed = 0;
    const open = new Set<Socket>();
    const keep = (socket: Socket) => {
        open.add(socket);
        // Two pipelines listen to each socket, more often than Node.js expects.
        socket.setMaxListeners(20);
        socket.setNoDelay(true).once("close", () => open.delete(socket));
    };
    const server = createServer((client) => {
        const passOn = (harbor: Socket) => {
            keep(harbor);
            client.on("data", (chunk: Buffer) => {
                pushed += chunk.length;
            });
            harbor.on("data", (chunk: Buffer) => {
                pulled += chunk.length;
            });
            // Either side may break off; the other side then sees the same.
            const ended = () => {};
            pipeline(client, harbor, ended);
            pipeline(harbor, client, ended);
        };
        keep(client);
        client.on("error", () => client.destroy());
        client.once("data", (first) => {
            client.pause();
            client.unshift(first);
            const isPlain = target.protocol === "https:" && first[0] !== tlsHandshake;
            const place = { port, host: target.hostname };
            passOn(isPlain ? connectTls({ ...place, rejectUnauthorized: false }) : connect(place));
        });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") {
        throw new Error("a server on a port has no port");
    }
    return {
        host: `127.0.0.1:${address.port}`,
        take: () => {
            const taken = { pulled, pushed };
            pulled = 0;
            pushed = 0;
            return taken;
        },
        close: () =>
            new Promise((resolve) => {
                server.close(() => resolve());
                for (const socket of open) socket.destroy();
            }),
    };
}
