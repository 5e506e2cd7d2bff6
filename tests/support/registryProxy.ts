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

/** An answer that is given in place of the registry's. */
export interface RegistryFault {
    readonly method: string;
    /** Part of the path. */
    readonly path: string;
    /** Which requests meet it, of those that fit. @default all */
    readonly when?: (request: IncomingMessage) => boolean;
    /** "reset" breaks the connection without an answer. */
    readonly status: number | "reset";
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
    /** How many requests meet it. */
    readonly times: number;
}

/** A proxy of plain HTTP in front of a Harbor's registry: BuildKit speaks that to a loopback host. */
export interface RegistryProxy {
    /** Host and port: the first part of references through it. */
    readonly host: string;
    readonly url: string;
    /** Breaks the next requests that fit, in place of what was broken before. */
    breakNext(fault: RegistryFault): void;
    /** How many requests met the last fault. */
    broken(): number;
    close(): Promise<void>;
}

/** Starts one; what comes through is handed on as it comes, blobs included. */
export async function startRegistryProxy(target: string): Promise<RegistryProxy> {
    const registry = new URL(target);
    let fault: RegistryFault | undefined;
    let met = 0;

    const server = createServer((incoming, response) => {
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
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo; // a TCP server that listens has a port
    return {
        host: `127.0.0.1:${port}`,
        url: `http://127.0.0.1:${port}`,
        breakNext(next) {
            fault = next;
            met = 0;
        },
        broken: () => met,
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
        // On the loopback interface, to the Harbor that the run itself started or was given.
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

/** Harbor builds addresses from the host it was asked as, and from its own scheme. */
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
