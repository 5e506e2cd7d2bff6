import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { Account } from "../core/account";
import { Fault, notFound, unsupported } from "../core/fault";
import type { Project } from "../core/model";
import type { Services } from "../core/services";
import type { RegistryRequest } from "./authorize";
import { projectPart } from "./tokenService";
import type { Upstream, UpstreamResponse } from "./upstream";

/** One permitted request under `/v2/`, and where its answer goes. */
export interface Exchange {
    readonly services: Services;
    readonly request: RegistryRequest;
    readonly account: Account;
    readonly host: string;
    readonly incoming: IncomingMessage;
    readonly outgoing: ServerResponse;
}

/** The account that events name. */
export const operatorOf = ({ account }: Exchange): string =>
    account.kind === "anonymous" ? "" : account.name;

const hopByHop = new Set(["connection", "keep-alive", "transfer-encoding", "upgrade", "te"]);

export function upstreamOf(services: Services): Upstream {
    if (services.upstream === undefined) {
        throw unsupported("blobs and manifests, because no registry stands behind /v2/");
    }
    return services.upstream;
}

export function projectOf(services: Services, repository: string): Project {
    const name = projectPart(repository);
    const project = services.store.of("projects").find((one) => one.name === name);
    if (project === undefined) {
        throw notFound(`project ${name} not found`);
    }
    return project;
}

/** The registry builds absolute URLs from the client's host and scheme. */
export function originHeaders(exchange: Exchange): Record<string, string> {
    const { protocol } = new URL(exchange.services.externalUrl());
    return { host: exchange.host, "x-forwarded-proto": protocol.replace(":", "") };
}

/** Headers for the registry when the request is passed on unchanged. */
export function forwardHeaders(exchange: Exchange): OutgoingHttpHeaders {
    const headers: OutgoingHttpHeaders = originHeaders(exchange);
    for (const name of ["content-type", "content-length", "range", "if-none-match"]) {
        const value = exchange.incoming.headers[name];
        if (value !== undefined) {
            headers[name] = value;
        }
    }
    // Without Content-Range: Harbor's own registry accepts chunks in any order.
    if (exchange.incoming.headers["transfer-encoding"] !== undefined) {
        headers["transfer-encoding"] = "chunked";
    }
    return headers;
}

/** Passes the request with its body on to the registry. */
export function forward(exchange: Exchange): Promise<UpstreamResponse> {
    const { method, url } = exchange.request;
    const hasBody = method !== "GET" && method !== "HEAD";
    return upstreamOf(exchange.services).send(
        method,
        `${url.pathname}${url.search}`,
        forwardHeaders(exchange),
        hasBody ? exchange.incoming : undefined,
    );
}

/** Passes the registry's answer back unchanged. */
export async function passBack(
    exchange: Exchange,
    response: UpstreamResponse,
    more: Readonly<Record<string, string>> = {},
): Promise<void> {
    const { rawHeaders } = response.body;
    const headers = Object.entries(more).flat();
    for (let at = 0; at < rawHeaders.length; at += 2) {
        const [name = "", value = ""] = rawHeaders.slice(at, at + 2);
        if (!hopByHop.has(name.toLowerCase())) {
            headers.push(name, value);
        }
    }
    exchange.outgoing.writeHead(response.status, headers);
    await pipeline(response.body, exchange.outgoing);
}

/** Reads a body that must be small, such as a manifest. */
export async function readSmall(incoming: IncomingMessage, bytesMax: number): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of incoming) {
        const buffer = chunk as Buffer; // Without an encoding, chunks are buffers.
        bytes += buffer.length;
        if (bytes > bytesMax) {
            throw new Fault(413, "MANIFEST_INVALID", `body over ${bytesMax} bytes`);
        }
        chunks.push(buffer);
    }
    return Buffer.concat(chunks);
}
