import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A registry that keeps everything in memory: enough of the protocol to stand behind Harbor. */
export interface MemoryRegistry {
    readonly url: string;
    readonly blobs: ReadonlyMap<string, Buffer>;
    close(): Promise<void>;
}

const digestOf = (content: Buffer): string =>
    `sha256:${createHash("sha256").update(content).digest("hex")}`;

async function read(incoming: IncomingMessage): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) {
        chunks.push(chunk as Buffer);
    }
    return Buffer.concat(chunks);
}

export async function startMemoryRegistry(): Promise<MemoryRegistry> {
    const blobs = new Map<string, Buffer>();
    const manifests = new Map<string, { body: Buffer; type: string }>();
    const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
        const url = new URL(incoming.url ?? "/", `http://${incoming.headers.host}`);
        const body = await read(incoming);
        const manifest = /\/manifests\/(.+)$/.exec(url.pathname)?.[1];
        const blob = /\/blobs\/(sha256:.+)$/.exec(url.pathname)?.[1];
        const digest = url.searchParams.get("digest");
        if (incoming.method === "POST") {
            const mounted = url.searchParams.get("mount") ?? "";
            const location = `${url.origin}${url.pathname}${randomUUID()}`;
            outgoing.writeHead(blobs.has(mounted) ? 201 : 202, { Location: location }).end();
        } else if (incoming.method === "PUT" && manifest !== undefined) {
            const type = incoming.headers["content-type"] ?? "";
            const own = digestOf(body);
            manifests.set(own, { body, type });
            outgoing.writeHead(201, { "Docker-Content-Digest": own }).end();
        } else if (incoming.method === "PUT" && digest !== null) {
            blobs.set(digest, body);
            outgoing.writeHead(201, { "Docker-Content-Digest": digest }).end();
        } else {
            const found = manifests.get(manifest ?? "")?.body ?? blobs.get(blob ?? "");
            const type = manifests.get(manifest ?? "")?.type ?? "application/octet-stream";
            const headers = { "Content-Type": type, "Content-Length": found?.length ?? 0 };
            outgoing.writeHead(found === undefined ? 404 : 200, headers);
            outgoing.end(incoming.method === "HEAD" ? undefined : found);
        }
    };
    const server = createServer((incoming, outgoing) => void answer(incoming, outgoing));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return {
        url: `http://127.0.0.1:${port}`,
        blobs,
        close: () =>
            new Promise((resolve) => {
                server.close(() => resolve());
                server.closeAllConnections();
            }),
    };
}
