import type { IncomingMessage, ServerResponse } from "node:http";
import { denied, Fault, faultBody, unsupported } from "../core/fault";
import type { Services } from "../core/services";
import { authorize } from "./authorize";
import { handleBlob, handleUpload, startUpload } from "./blobs";
import type { Exchange } from "./exchange";
import { listCatalog, listReferrers, listTags } from "./lists";
import { deleteManifest, pullManifest } from "./manifestPull";
import { pushManifest } from "./manifestPush";
import { parseTarget, type Target } from "./target";

const apiVersion = { "Docker-Distribution-Api-Version": "registry/2.0" };

/** Answers one request under `/v2/`. */
export async function serveRegistry(
    services: Services,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
): Promise<void> {
    try {
        await dispatch(services, incoming, outgoing);
    } catch (error) {
        if (outgoing.headersSent) {
            outgoing.destroy();
            return;
        }
        incoming.resume(); // An unread body would prevent reuse of the connection.
        refuse(services, incoming, outgoing, error);
    }
}

async function dispatch(
    services: Services,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
): Promise<void> {
    const method = incoming.method ?? "GET";
    const host = incoming.headers.host ?? new URL(services.externalUrl()).host;
    const url = new URL(incoming.url ?? "/", services.externalUrl());
    const target = parseTarget(method, url.pathname);
    const request = { method, url, authorization: incoming.headers.authorization };
    const account = await authorize(services, target, request, host);
    if (method !== "GET" && method !== "HEAD" && services.settings.flag("read_only")) {
        throw denied("The system is in read only mode. Any modification is prohibited.");
    }
    const exchange = { services, request, account, host, incoming, outgoing };
    await answer(exchange, target);
}

async function answer(exchange: Exchange, target: Target): Promise<void> {
    const { method } = exchange.request;
    switch (target.kind) {
        case "base":
            return sendJson(exchange.outgoing, 200, "{}");
        case "catalog":
            return listCatalog(exchange);
        case "tags":
            return listTags(exchange, target.repository);
        case "referrers":
            return listReferrers(exchange, target.repository, target.reference);
        case "manifest":
            if (method === "PUT") {
                return await pushManifest(exchange, target.repository, target.reference);
            }
            if (method === "DELETE") {
                return deleteManifest(exchange, target.repository, target.reference);
            }
            return await pullManifest(exchange, target.repository, target.reference);
        case "blob":
            return await handleBlob(exchange, target.repository, target.reference);
        case "uploads":
            return await startUpload(exchange, target.repository);
        case "upload":
            return await handleUpload(exchange, target.repository, target.session);
        default:
            throw unsupported(`${method} ${exchange.request.url.pathname}`);
    }
}

function sendJson(outgoing: ServerResponse, status: number, body: string): void {
    const headers = { "Content-Type": "application/json; charset=utf-8", ...apiVersion };
    outgoing.writeHead(status, { ...headers, "Content-Length": Buffer.byteLength(body) }).end(body);
}

function refuse(
    services: Services,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    error: unknown,
): void {
    let fault: Fault;
    if (error instanceof Fault) {
        fault = error;
    } else {
        const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
        services.log(`${incoming.method} ${incoming.url}: ${reason}`);
        fault = new Fault(500, "UNKNOWN", "internal server error");
    }
    const body = faultBody(fault);
    outgoing.writeHead(fault.status, {
        "Content-Type": "application/json; charset=utf-8",
        ...apiVersion,
        ...fault.headers,
        "Content-Length": Buffer.byteLength(body),
    });
    outgoing.end(incoming.method === "HEAD" ? undefined : body);
}
