import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";

/** The answer of another server; the caller reads or discards the body. */
export interface RemoteResponse {
    readonly status: number;
    readonly headers: IncomingMessage["headers"];
    readonly body: IncomingMessage;
}

interface RemoteOptions {
    /** Accept any certificate. */
    readonly insecure: boolean;
    readonly timeoutMs: number;
}

/** Sends a request to another server: a webhook's target, a remote registry. */
export function send(
    method: string,
    url: string,
    headers: Readonly<Record<string, string>>,
    { insecure, timeoutMs }: RemoteOptions,
    body?: Buffer,
): Promise<RemoteResponse> {
    return new Promise((resolve, reject) => {
        const secure = url.startsWith("https:");
        const request = secure ? httpsRequest : httpRequest;
        const length = body === undefined ? {} : { "content-length": String(body.length) };
        const outgoing = request(url, {
            method,
            headers: { ...headers, ...length },
            ...(secure ? { rejectUnauthorized: !insecure } : {}),
        });
        outgoing.setTimeout(timeoutMs, () => outgoing.destroy(new Error(`${url} does not answer`)));
        outgoing.on("error", reject);
        outgoing.on("response", (incoming) =>
            resolve({
                status: incoming.statusCode ?? 0,
                headers: incoming.headers,
                body: incoming,
            }),
        );
        outgoing.end(body);
    });
}

/** Reads a whole body. */
export async function readAll(body: IncomingMessage, bytesMax: number): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of body) {
        const buffer = chunk as Buffer; // Without an encoding, chunks are buffers.
        bytes += buffer.length;
        if (bytes > bytesMax) {
            throw new Error(`answer over ${bytesMax} bytes`);
        }
        chunks.push(buffer);
    }
    return Buffer.concat(chunks);
}
