import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A server that answers 500 and records what it is asked. */
export interface ObservedServer {
    readonly url: string;
    readonly requests: readonly string[];
    close(): Promise<void>;
}

export async function observe(): Promise<ObservedServer> {
    const requests: string[] = [];
    const server = createServer(({ method, url }, response) => {
        requests.push(`${method} ${url}`);
        response.writeHead(500).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    // A listening server has an address with a port.
    const { port } = server.address() as AddressInfo;
    return {
        url: `http://127.0.0.1:${port}`,
        requests,
        close: () => new Promise((resolve) => server.close(() => resolve())),
    };
}
