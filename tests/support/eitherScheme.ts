import { connect, createServer, type Socket } from "node:net";
import { atEnd } from "./atEnd";
import { startRegistryProxy } from "./registryProxy";

/** A port of a Harbor's registry that speaks TLS and plain HTTP, as the client starts. */
export interface EitherSchemeRegistry {
    /** Host and port: the first part of references through it. */
    readonly host: string;
    close(): Promise<void>;
}

/** The first byte of a TLS connection (RFC 8446, section 5.1: a handshake record). */
const tlsHandshake = 0x16;

/**
 * Starts such a port in front of a Harbor that speaks https. On a loopback host, docker-build's
 * Index pushes over plain HTTP and reads over https (0.0.22), so a registry with only one scheme
 * cannot serve it.
 */
export async function startEitherScheme(harborUrl: string): Promise<EitherSchemeRegistry> {
    const secure = Number(new URL(harborUrl).port);
    const proxy = await startRegistryProxy(harborUrl);
    const plain = Number(new URL(proxy.url).port);
    const sockets = new Set<Socket>();
    const server = createServer((client) => {
        sockets.add(client);
        client.on("close", () => sockets.delete(client));
        client.on("error", () => client.destroy());
        client.once("data", (first) => {
            client.pause();
            const port = first[0] === tlsHandshake ? secure : plain;
            const behind = connect(port, "127.0.0.1", () => {
                behind.write(first);
                client.pipe(behind).pipe(client);
            });
            behind.on("error", () => client.destroy());
            client.on("close", () => behind.destroy());
        });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") {
        throw new Error("the port has no number");
    }
    return {
        host: `127.0.0.1:${address.port}`,
        close: atEnd(async () => {
            for (const socket of sockets) socket.destroy();
            await new Promise((resolve) => server.close(resolve));
            await proxy.close();
        }),
    };
}
