import {
    createServer,
    type IncomingMessage,
    request as requestPlain,
    type ServerResponse,
} from "node:http";
import { request as requestSecure } from "node:https";
import type { AddressInfo } from "node:net";
import { atEnd } from "./atEnd";

/** One request that passed the proxy. */
export interface Passed {
    readonly method: string;
    readonly path: string;
    readonly body: string;
}

/** Replaces the passing of a request; with `afterwards`, Harbor answers first. */
export interface Fault {
    readonly method: string;
    /** Part of the path. */
    readonly path: string;
    /** Part of the body. @default any body */
    readonly body?: string;
    /** Which of these requests are affected. @default all */
    readonly when?: (request: Passed) => boolean;
    /** Number of affected requests. @default 1 */
    readonly times?: number;
    readonly afterwards?: boolean;
    readonly act: (response: ServerResponse, harbor: HarborAnswer | undefined) => void;
}

/** Harbor's own answer, for faults with `afterwards`. */
export interface HarborAnswer {
    readonly status: number;
    readonly headers: Record<string, string | string[] | undefined>;
    readonly body: string;
}

/** A proxy between a client and Harbor that injects the given faults and records every request. */
export interface FaultyProxy {
    readonly url: string;
    readonly passed: Passed[];
    /** Locations of everything that Harbor created for a request, in order. */
    readonly made: readonly string[];
    /** Breaks the next matching requests. */
    inject(fault: Fault): void;
    /** Makes Harbor's clock appear to be ahead: adds to `Date` and to the times in its answers. */
    shiftClock(ms: number): void;
    /** Removes all injected faults. */
    stopFaults(): void;
    close(): Promise<void>;
}

/** How to trust a Harbor over https. */
export interface Trust {
    /** Certificate authority in PEM. @default the system's authorities */
    readonly ca?: string;
    /** @default true */
    readonly rejectUnauthorized?: boolean;
}

/** Starts a proxy on a free port of the loopback interface, over http. */
export async function startFaultyProxy(target: string, trust: Trust = {}): Promise<FaultyProxy> {
    const passed: Passed[] = [];
    const made: string[] = [];
    const faults: { fault: Fault; left: number }[] = [];
    let clockMs = 0;
    const server = createServer((incoming, response) => {
        void serve(incoming, response);
    });

    async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
        const method = incoming.method ?? "";
        const path = incoming.url ?? "";
        const body = await textOf(incoming);
        passed.push({ method, path, body });
        const armed = faults.find(
            ({ fault, left }) =>
                left > 0 &&
                fault.method === method &&
                path.includes(fault.path) &&
                body.includes(fault.body ?? "") &&
                (fault.when?.({ method, path, body }) ?? true),
        );
        if (armed) armed.left--;
        if (armed && !armed.fault.afterwards) return armed.fault.act(response, undefined);
        const answer = shifted(await forward({ target, trust }, incoming, body), clockMs);
        const { location } = answer.headers;
        if (answer.status === 201 && typeof location === "string") made.push(location);
        if (armed) return armed.fault.act(response, answer);
        response.writeHead(answer.status, answer.headers);
        response.end(answer.body);
    }

    // Otherwise the end of an idle connection may break a request: a fault that no test injected.
    server.keepAliveTimeout = 600_000;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo; // A listening TCP server has a port.
    return {
        url: `http://127.0.0.1:${port}`,
        passed,
        made,
        inject: (fault) => faults.push({ fault, left: fault.times ?? 1 }),
        shiftClock: (ms) => {
            clockMs = ms;
        },
        stopFaults: () => void faults.splice(0),
        close: atEnd(
            () =>
                new Promise<void>((resolve) => {
                    server.close(() => resolve());
                    server.closeAllConnections();
                }),
        ),
    };
}

/** An answer of a server whose clock is ahead by `ms`. */
export function shifted(answer: HarborAnswer, ms: number): HarborAnswer {
    if (ms === 0) return answer;
    const at = (time: string) => new Date(Date.parse(time) + ms);
    return {
        ...answer,
        headers: { ...answer.headers, date: at(String(answer.headers["date"])).toUTCString() },
        body: answer.body.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (time) => at(time).toISOString()),
    };
}

/** Breaks the connection without an answer. */
export function reset(response: ServerResponse): void {
    response.socket?.destroy();
}

/** Never answers. */
export function hang(): void {}

/** Answers with this status, these headers and this body. */
export function answer(
    status: number,
    body = "",
    headers: Record<string, string> = {},
): (response: ServerResponse) => void {
    return (response) => {
        response.writeHead(status, headers);
        response.end(body);
    };
}

async function textOf(stream: IncomingMessage): Promise<string> {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks).toString("utf8");
}

function forward(
    { target, trust }: { target: string; trust: Trust },
    incoming: IncomingMessage,
    body: string,
): Promise<HarborAnswer> {
    const url = new URL(incoming.url ?? "/", target);
    const send = url.protocol === "https:" ? requestSecure : requestPlain;
    const headers = { ...incoming.headers, host: url.host };
    return new Promise((resolve, reject) => {
        const onward = send(
            url,
            { method: incoming.method, headers, agent: false, ...trust },
            (reply) => {
                textOf(reply).then(
                    (text) =>
                        resolve({
                            status: reply.statusCode ?? 0,
                            headers: withoutFraming(reply.headers),
                            body: text,
                        }),
                    reject,
                );
            },
        );
        onward.on("error", reject);
        onward.end(body);
    });
}

function withoutFraming(headers: IncomingMessage["headers"]): HarborAnswer["headers"] {
    const { connection: _c, "transfer-encoding": _t, "content-length": _l, ...rest } = headers;
    return rest;
}
