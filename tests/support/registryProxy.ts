import {
    createServer,
    type IncomingMessage,
    type RequestOptions,
    type ServerResponse,
    request as sendPlain,
} from "node:http";
import { request as sendSecure } from "node:https";
import type { AddressInfo } from "node:net";
import { atEnd } from "./atEnd";

/** An answer in place of the registry's. */
export interface RegistryFault {
    readonly method: string;
    /** Part of the path. */
    readonly path: string;
    /** Which of the matching requests are affected. @default all */
    readonly when?: (request: IncomingMessage) => boolean;
    /** "reset" breaks the connection without an answer. */
    readonly status: number | "reset";
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
    /** Number of affected requests. */
    readonly times: number;
}

/**
 * A plain HTTP proxy in front of a Harbor's registry, because BuildKit uses plain HTTP for loopback
 * hosts.
 */
export interface RegistryProxy {
    /** Host and port: the first part of references through it. */
    readonly host: string;
    readonly url: string;
    /** Breaks the next matching requests, and replaces the previous fault. */
    breakNext(fault: RegistryFault): void;
    /** Number of requests that the last fault affected. */
    broken(): number;
    /**
     * Calls `act` when the next request that matches, such as `PUT /path`, is about to pass, and
     * holds the request until `act` is done.
     */
    onNext(request: RegExp, act: () => void | Promise<void>): void;
    /** Requests since the last call, as `GET /path`, with the credentials that they carried. */
    takeRequests(): readonly { readonly request: string; readonly credentials: string }[];
    /** Bytes in the bodies of requests since the last call. */
    takeBytes(): number;
    close(): Promise<void>;
}

/** Starts a proxy that streams all requests and answers, including blobs. */
export async function startRegistryProxy(target: string): Promise<RegistryProxy> {
    const registry = new URL(target);
    let fault: RegistryFault | undefined;
    let met = 0;
    let bytes = 0;
    let requests: { request: string; credentials: string }[] = [];
    let awaited: { request: RegExp; act: () => void | Promise<void> } | undefined;

    const server = createServer((incoming, response) => {
        const path = incoming.url ?? "/";
        const { authorization = "", cookie = "" } = incoming.headers;
        requests.push({
            request: `${incoming.method} ${path}`,
            credentials: authorization || (cookie.includes("sid=") ? cookie : ""),
        });
        incoming.on("data", (chunk: Buffer) => {
            bytes += chunk.length;
        });
        if (awaited?.request.test(`${incoming.method} ${path}`)) {
            const { act } = awaited;
            awaited = undefined;
            incoming.pause();
            void Promise.resolve(act()).then(() => pass(incoming, response));
            return;
        }
        pass(incoming, response);
    });
    function pass(incoming: IncomingMessage, response: ServerResponse): void {
        const path = incoming.url ?? "/";
        const fits =
            fault?.method === incoming.method &&
            path.includes(fault?.path ?? "") &&
            (fault?.when?.(incoming) ?? true);
        if (fault !== undefined && fits && met < fault.times) {
            met++;
            breakOne(fault, incoming, response);
            return;
        }
        forward(registry, incoming, response);
    }
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo; // A listening TCP server has a port.
    return {
        host: `127.0.0.1:${port}`,
        url: `http://127.0.0.1:${port}`,
        breakNext(next) {
            fault = next;
            met = 0;
        },
        broken: () => met,
        onNext(request, act) {
            awaited = { request, act };
        },
        takeRequests() {
            const taken = requests;
            requests = [];
            return taken;
        },
        takeBytes() {
            const taken = bytes;
            bytes = 0;
            return taken;
        },
        close: atEnd(
            () =>
                new Promise<void>((resolve) => {
                    server.close(() => resolve());
                    server.closeAllConnections();
                }),
        ),
    };
}

function breakOne(
    { status, headers, body }: RegistryFault,
    incoming: IncomingMessage,
    response: ServerResponse,
): void {
    if (status === "reset") {
        incoming.socket.resetAndDestroy();
        return;
    }
    incoming.resume();
    response.writeHead(status, { ...headers }).end(body);
}

function forward(registry: URL, incoming: IncomingMessage, response: ServerResponse): void {
    const options: RequestOptions & { rejectUnauthorized: boolean } = {
        host: registry.hostname,
        port: registry.port,
        method: incoming.method ?? "GET",
        path: incoming.url ?? "/",
        headers: incoming.headers,
        // On the loopback interface, to the run's Harbor.
        rejectUnauthorized: false,
    };
    const send = registry.protocol === "https:" ? sendSecure : sendPlain;
    const onward = send(options, (answer) => {
        response.writeHead(answer.statusCode ?? 502, plainAddresses(answer, incoming));
        answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    incoming.pipe(onward);
}

/** Harbor builds addresses from the host in the request and from its own scheme. */
function plainAddresses(answer: IncomingMessage, incoming: IncomingMessage) {
    const { host = "" } = incoming.headers;
    return Object.fromEntries(
        Object.entries(answer.headers).map(([name, value]) => [
            name,
            typeof value === "string"
                ? value.replaceAll(`https://${host}`, `http://${host}`)
                : value,
        ]),
    );
}
