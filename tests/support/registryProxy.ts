import {
    type ClientRequest,
    createServer,
    type IncomingMessage,
    type RequestOptions,
    type ServerResponse,
    request as sendPlain,
} from "node:http";
import { request as sendSecure } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { atEnd } from "./atEnd";
import { shifted } from "./faultyProxy";

/** An answer in place of the registry's. */
export interface RegistryFault {
    readonly method: string;
    /** Part of the path. */
    readonly path: string;
    /** Which of the matching requests are affected. @default all */
    readonly when?: (request: IncomingMessage) => boolean;
    /**
     * "reset" breaks the connection before the registry sees the request, "reset after" when it has
     * answered. "truncated" cuts the answer; "dropped" passes half of the request's body and breaks
     * both connections.
     */
    readonly status: number | "reset" | "reset after" | "truncated" | "dropped";
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
    /** Makes Harbor's clock appear to be ahead: in `Date` and in tokens. */
    shiftClock(ms: number): void;
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
    let clockMs = 0;
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
            breakOne(registry, fault, incoming, response);
            return;
        }
        if (clockMs === 0 || !path.startsWith("/service/token")) {
            forward({ registry, clockMs }, incoming, response);
            return;
        }
        incoming.pipe(
            send(registry, incoming, async (answer) => {
                const status = answer.statusCode ?? 502;
                const { "content-length": _, ...headers } = answer.headers;
                const late = shifted({ status, headers, body: await text(answer) }, clockMs);
                response.writeHead(status, late.headers).end(late.body);
            }),
        );
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
        shiftClock(ms) {
            clockMs = ms;
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
    registry: URL,
    { status, headers, body }: RegistryFault,
    incoming: IncomingMessage,
    response: ServerResponse,
): void {
    const reset = () => void incoming.socket.resetAndDestroy();
    switch (status) {
        case "reset":
            reset();
            return;
        case "reset after":
            incoming.pipe(send(registry, incoming, (answer) => answer.on("end", reset).resume()));
            return;
        case "truncated":
            incoming.pipe(
                send(registry, incoming, (answer) => truncate(answer, incoming, response)),
            );
            return;
        case "dropped": {
            const onward = send(registry, incoming, () => undefined);
            let left = Number(incoming.headers["content-length"] ?? 0) / 2;
            incoming.on("data", (chunk: Buffer) => {
                onward.write(chunk.subarray(0, left));
                left -= chunk.length;
                if (left <= 0) reset();
            });
            incoming.on("close", () => onward.destroy()).on("end", reset);
            return;
        }
        default:
            incoming.resume();
            response.writeHead(status, { ...headers }).end(body);
    }
}

/** Passes the head of an answer and half of its body. */
function truncate(
    answer: IncomingMessage,
    incoming: IncomingMessage,
    response: ServerResponse,
): void {
    const chunks: Buffer[] = [];
    answer.on("data", (chunk: Buffer) => chunks.push(chunk));
    answer.on("end", () => {
        const whole = Buffer.concat(chunks);
        response.writeHead(answer.statusCode ?? 502, {
            ...plainAddresses(answer, incoming),
            "content-length": whole.length + 10,
        });
        response.write(whole.subarray(0, whole.length / 2));
        response.socket?.end();
    });
}

function forward(
    { registry, clockMs }: { readonly registry: URL; readonly clockMs: number },
    incoming: IncomingMessage,
    response: ServerResponse,
): void {
    const onward = send(registry, incoming, (answer) => {
        const status = answer.statusCode ?? 502;
        const { headers } = shifted(
            { status, headers: plainAddresses(answer, incoming), body: "" },
            clockMs,
        );
        response.writeHead(status, headers);
        answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    incoming.pipe(onward);
}

/** Sends the head of a request on to the registry. */
function send(
    registry: URL,
    incoming: IncomingMessage,
    answered: (answer: IncomingMessage) => void,
): ClientRequest {
    const options: RequestOptions & { rejectUnauthorized: boolean } = {
        host: registry.hostname,
        port: registry.port,
        method: incoming.method ?? "GET",
        path: incoming.url ?? "/",
        headers: incoming.headers,
        // On the loopback interface, to the run's Harbor.
        rejectUnauthorized: false,
    };
    const onward = (registry.protocol === "https:" ? sendSecure : sendPlain)(options, answered);
    // A fault ends it in the middle.
    return onward.on("error", () => undefined);
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
