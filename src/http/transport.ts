import * as http from "node:http";
import * as https from "node:https";
import { Readable } from "node:stream";
import { RequestError, RequestErrorKind } from "./error";
import { connectionFault, type Peer } from "./fault";
import { isLoopback } from "./loopback";
import type { HttpRequest, HttpResponse } from "./message";
import { Trust, trustingContext } from "./trust";

/** Settings of a {@link Transport}. */
export interface TransportOptions {
    /** The name of the server in messages. @default "Harbor" */
    readonly peer?: Peer;
    /** Time limit of one request, in milliseconds. */
    readonly requestTimeoutMs: number;
    /** Longest answer accepted, in bytes. */
    readonly bodyBytesMax: number;
    /** Origin whose certificate is not verified; all others are verified. @default none */
    readonly insecureOrigin?: string | undefined;
    /** Where the certificates and proxies are looked up. */
    readonly env: NodeJS.ProcessEnv;
    /** Which certificates are trusted. @default Trust.NodeAndGo */
    readonly trust?: Trust | undefined;
}

/**
 * Maximum number of open connections to one host. More make Harbor hardly faster, and other clients
 * need some too.
 */
const connectionsMax = 16;

/** Sends requests over kept-alive connections, with limits of time and size. Stores no cookies. */
export class Transport {
    private readonly options: TransportOptions;
    /** By origin, so that the settings for one server never apply to a server that it names. */
    private readonly agents = new Map<string, http.Agent>();

    constructor(options: TransportOptions) {
        this.options = options;
    }

    /** Sends `request`. @throws RequestError when no usable answer came. */
    send(request: HttpRequest): Promise<HttpResponse> {
        return this.receive(request, (answer) => this.readBody(answer));
    }

    /**
     * Sends `request`, and hands over the body of the answer as it arrives.
     *
     * @throws RequestError when no usable answer came.
     */
    receive(
        request: HttpRequest,
        read: (answer: http.IncomingMessage) => Promise<string>,
    ): Promise<HttpResponse> {
        return new Promise((resolve, reject) => {
            const secure = request.url.protocol === "https:";
            const sent = (secure ? https : http).request(request.url, {
                method: request.method,
                headers: { ...request.headers, ...lengthHeader(request) },
                agent: this.agentFor(request.url),
                signal: request.signal,
            });
            const timer = setTimeout(
                () => sent.destroy(this.timeout(request)),
                this.options.requestTimeoutMs,
            );
            const fail = (cause: unknown): void => {
                clearTimeout(timer);
                reject(connectionFault(request, cause, this.options.peer));
            };
            sent.on("error", fail);
            // Node.js reports neither an answer nor an error for this one.
            sent.on("upgrade", (_, socket) => {
                socket.destroy();
                const reason = "it answered 101 to a request that asked for no other protocol";
                const kind = RequestErrorKind.Protocol;
                fail(new RequestError({ kind, status: 101, ambiguous: true, reason }));
            });
            sent.on("response", (answer) => {
                read(answer).then((body) => {
                    clearTimeout(timer);
                    resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body });
                }, fail);
            });
            if (request.body instanceof Readable) {
                request.body.on("error", (cause) => sent.destroy(cause)).pipe(sent);
            } else {
                sent.end(request.body);
            }
        });
    }

    /** Closes every connection. */
    close(): void {
        for (const agent of this.agents.values()) {
            agent.destroy();
        }
    }

    private timeout(request: HttpRequest): RequestError {
        return new RequestError({
            kind: RequestErrorKind.Timeout,
            reason: `no answer within ${this.options.requestTimeoutMs} ms`,
            method: request.method,
            url: request.url.href,
            ambiguous: true,
        });
    }

    private async readBody(answer: http.IncomingMessage): Promise<string> {
        const chunks: Buffer[] = [];
        let length = 0;
        for await (const chunk of answer) {
            const bytes = Buffer.from(chunk);
            length += bytes.length;
            if (length > this.options.bodyBytesMax) {
                answer.destroy();
                throw new RequestError({
                    kind: RequestErrorKind.Protocol,
                    reason: `answer is longer than ${this.options.bodyBytesMax} bytes`,
                    ambiguous: true,
                });
            }
            chunks.push(bytes);
        }
        return Buffer.concat(chunks).toString("utf8");
    }

    private agentFor({ origin, protocol, hostname }: URL): http.Agent {
        const known = this.agents.get(origin);
        if (known !== undefined) return known;
        const { env, trust = Trust.NodeAndGo, insecureOrigin } = this.options;
        const options: http.AgentOptions = {
            keepAlive: true,
            maxSockets: connectionsMax,
            // Like Go and the docker-build plugin: uses the environment's proxies, but not for this
            // machine.
            ...(isLoopback(hostname) ? {} : { proxyEnv: env }),
        };
        const made =
            protocol === "https:"
                ? new https.Agent({
                      ...options,
                      ...(origin === insecureOrigin
                          ? { rejectUnauthorized: false }
                          : { secureContext: trustingContext(trust, env) }),
                  })
                : new http.Agent(options);
        this.agents.set(origin, made);
        return made;
    }
}

function lengthHeader(request: HttpRequest): Record<string, string> {
    return typeof request.body === "string"
        ? { "content-length": String(Buffer.byteLength(request.body)) }
        : {};
}
