import { Agent, type IncomingMessage, type OutgoingHttpHeaders, request } from "node:http";
import { pipeline, type Readable } from "node:stream";

const answerTimeoutMs = 600_000;

/** The registry had closed the connection a request was sent over. */
class StaleConnection extends Error {
    constructor(cause: Error) {
        super(cause.message, { cause });
    }
}

/** What a call to the real registry came back with; the body is read by whoever asked. */
export interface UpstreamResponse {
    readonly status: number;
    readonly headers: IncomingMessage["headers"];
    readonly body: IncomingMessage;
}

/**
 * The real registry behind `/v2/`. Its address is `http://host:port`, or `unix:///path` for one that
 * listens on a socket file, where nobody but the owner of its folder can reach it.
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
     * Sends a request, streaming `body` when it is a stream. A kept connection that the registry
     * closed meanwhile is replaced, unless part of a stream went into it.
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
                // A client that goes away in the middle takes its request to the registry along.
                pipeline(body, outgoing, (error) => error && reject(error));
            }
        });
    }

    /** Sends a request and reads the whole answer, which has to be small. */
    async fetch(
        method: string,
        path: string,
        headers: OutgoingHttpHeaders = {},
        body?: Buffer,
    ): Promise<{ status: number; headers: IncomingMessage["headers"]; text: string }> {
        const response = await this.send(method, path, { host: "registry", ...headers }, body);
        const chunks: Buffer[] = [];
        for await (const chunk of response.body) {
            chunks.push(chunk as Buffer); // no encoding is set, so chunks are buffers
        }
        const text = Buffer.concat(chunks).toString("utf8");
        return { status: response.status, headers: response.headers, text };
    }

    close(): void {
        this.#agent.destroy();
    }
}
