import {
    createServer as createHttpServer,
    type IncomingMessage,
    type ServerResponse,
} from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { Logins } from "./core/account";
import { Api, failure } from "./core/api";
import { Fault, notFound } from "./core/fault";
import type { Services } from "./core/services";
import { Settings } from "./core/settings";
import { Store } from "./core/store";
import { firstRecords } from "./firstRecords";
import { serveRegistry } from "./registry/front";
import { SigningKey } from "./registry/signingKey";
import { issueToken } from "./registry/tokenService";
import { Upstream } from "./registry/upstream";
import { startRetentionClock } from "./retentionClock";
import { addRoutes } from "./routes";

export interface HarborOptions {
    /** Folder of the data; created when missing. One server at a time. */
    readonly dataDir: string;
    /** Password of the user `admin` of a new data folder. */
    readonly adminPassword: string;
    /** Port on 127.0.0.1. @default 0, any free one */
    readonly port?: number;
    /** Certificate and key in PEM, for https. @default plain http */
    readonly tls?: { readonly certificate: string; readonly key: string };
    /**
     * The real registry behind `/v2/`: `http://host:port` or `unix:///path`. Without one, blobs and
     * manifests answer 501.
     */
    readonly upstreamUrl?: string;
    /** Duration of a failed login, in milliseconds. @default 1500, as in Harbor */
    readonly loginDelayMs?: number;
    /** Receives a line for each internal error. @default none */
    readonly log?: (line: string) => void;
}

export interface Harbor {
    /** `https://127.0.0.1:8443`, without a trailing slash. */
    readonly url: string;
    readonly port: number;
    close(): Promise<void>;
}

const loginDelayMsDefault = 1500;
const idleTimeoutMs = 65_000;

/** Starts a stand-in for Harbor on the loopback interface. */
export async function startHarbor(options: HarborOptions): Promise<Harbor> {
    const store = new Store(options.dataDir);
    const settings = new Settings(store);
    const scheme = options.tls === undefined ? "http" : "https";
    let url = "";
    let closed = false;
    const services: Services = {
        dataDir: options.dataDir,
        store,
        settings,
        logins: new Logins(store, settings, options.loginDelayMs ?? loginDelayMsDefault),
        signingKey: SigningKey.open(options.dataDir),
        upstream: options.upstreamUrl === undefined ? undefined : new Upstream(options.upstreamUrl),
        externalUrl: () => url,
        isClosed: () => closed,
        log: options.log ?? (() => undefined),
    };
    firstRecords(store, options.adminPassword);
    const clock = startRetentionClock(services);
    const listener = listen(services);
    const server =
        options.tls === undefined
            ? createHttpServer(listener)
            : createHttpsServer({ cert: options.tls.certificate, key: options.tls.key }, listener);
    server.requestTimeout = 0; // No time limit: layers can be large.
    server.keepAliveTimeout = idleTimeoutMs;
    try {
        await new Promise<void>((resolve, reject) => {
            server.once("error", reject);
            server.listen(options.port ?? 0, "127.0.0.1", resolve);
        });
    } catch (error) {
        store.close();
        throw error;
    }
    const { port } = server.address() as AddressInfo; // A listening TCP server has a port.
    url = `${scheme}://127.0.0.1:${port}`;
    const close = async (): Promise<void> => {
        closed = true;
        clock.stop();
        await new Promise<void>((resolve) => {
            server.close(() => resolve());
            server.closeAllConnections();
        });
        services.upstream?.close();
        store.close();
    };
    return { url, port, close };
}

type Listener = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

/** The registry streams bodies and bypasses the router; everything else is small JSON. */
function listen(services: Services): Listener {
    const api = new Api(services);
    addRoutes(api);
    const rest = getRequestListener((request) => serveRest(services, api, request), {
        overrideGlobalObjects: false,
    });
    return (incoming, outgoing) => {
        const path = incoming.url ?? "/";
        if (path.startsWith("/v2/")) {
            void serveRegistry(services, incoming, outgoing);
        } else {
            void rest(incoming, outgoing);
        }
    };
}

async function serveRest(services: Services, api: Api, request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/service/token") {
        return issueToken(services, request);
    }
    if (pathname === "/api/version") {
        return new Response('{"version":"v2.0"}\n', {
            headers: { "Content-Type": "text/plain; charset=utf-8" },
        });
    }
    if (pathname === "/v2") {
        const Location = `${services.externalUrl()}/v2/`;
        return new Response("", {
            status: 301,
            headers: { "Content-Type": "text/html", Location },
        });
    }
    if (pathname.startsWith("/api/")) {
        return api.fetch(request);
    }
    if (pathname.startsWith("/c/") && request.method !== "GET" && request.method !== "HEAD") {
        return failure(new Fault(403, "FORBIDDEN", "CSRF token not found in request"));
    }
    return failure(notFound(`path ${pathname} was not found`));
}
