import { Agent, type IncomingMessage, type OutgoingHttpHeaders, request } from "node:http";
import { pipeline, type Readable } from "node:stream";

const answerTimeoutMs = 600_000;

/** The registry had closed the connection of a request. */
class StaleConnection extends Error {
    constructor(cause: Error) {
        super(cause.message, { cause });
    }
}

/** The answer of the real registry; the caller reads the body. */
export interface UpstreamResponse {
    readonly status: number;
    readonly headers: IncomingMessage["headers"];
    readonly body: IncomingMessage;
}

/**
 * The real registry behind `/v2/`. Its address is `http://host:port`, or `unix:///path` for a
 * socket file, which only the owner of its folder can reach.
 */
export class Upstream {
    readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });
    readonly #target: { socketPath: string } | { host: string; port: number };

    constructor(url: string) {
        const { protocol, hostname, port, pathname } = new URL(url);
        this.#target =
            protocol === "unix:"
                ? { socketPath: pathname }
                : { host: hostname, port: Number(port === "" ? 80 : port) };
    }

    /**
     * Sends a request, streaming `body` when it is a stream. If the registry has closed a kept
     * connection, the request uses a new one, unless part of a stream is already sent.
     */
    async send(
        method: string,
        path: string,
        headers: OutgoingHttpHeaders,
        body?: Readable | Buffer,
    ): Promise<UpstreamResponse> {
        try {
            return await this.#attempt(method, path, headers, body);
        } catch (error) {
            if (error instanceof StaleConnection && (body === undefined || Buffer.isBuffer(body))) {
                return await this.#attempt(method, path, headers, body);
            }
            throw error;
        }
    }

    #attempt(
        method: string,
        path: string,
        headers: OutgoingHttpHeaders,
        body: Readable | Buffer | undefined,
    ): Promise<UpstreamResponse> {
        return new Promise((resolve, reject) => {
            const target = { agent: this.#agent, ...this.#target };
            const outgoing = request({ ...target, method, path, headers });
            outgoing.setTimeout(answerTimeoutMs, () =>
                outgoing.destroy(new Error("the registry behind /v2/ does not answer")),
            );
            outgoing.on("error", (cause) =>
                reject(outgoing.reusedSocket ? new StaleConnection(cause) : cause),
            );
            outgoing.on("response", (incoming) =>
                resolve({
                    status: incoming.statusCode ?? 502,
                    headers: incoming.headers,
                    body: incoming,
                }),
            );
            if (body === undefined || Buffer.isBuffer(body)) {
                outgoing.end(body);
            } else {
                // When a client disconnects, its request to the registry ends too.
                pipeline(body, outgoing, (error) => error && reject(error));
            }
        });
    }

    /** Sends a request and reads the whole answer, which must be small. */
    async fetch(
        method: string,
        path: string,
        headers: OutgoingHttpHeaders = {},
        body?: Buffer,
    ): Promise<{ status: number; headers: IncomingMessage["headers"]; text: string }> {
        const response = await this.send(method, path, { host: "registry", ...headers }, body);
        const chunks: Buffer[] = [];
        for await (const chunk of response.body) {
            chunks.push(chunk as Buffer); // Without an encoding, chunks are buffers.
        }
        const text = Buffer.concat(chunks).toString("utf8");
        return { status: response.status, headers: response.headers, text };
    }

    close(): void {
        this.#agent.destroy();
    }
}
