import { randomUUID } from "node:crypto";
import { type Context, Hono } from "hono";
import type { Account } from "./account";
import { Fault, faultBody, invalid, notFound } from "./fault";
import { type BodyOf, readBody } from "./goJson";
import { paginate } from "./listing";
import type { Services } from "./services";

const apiRoot = "/api/v2.0";
const bodyBytesMax = 1_048_576;

/** The answer of a handler. Without a body the response is empty. */
export interface Reply {
    readonly status?: number;
    readonly json?: unknown;
    readonly text?: string;
    readonly headers?: Readonly<Record<string, string>>;
}

type Shape = Parameters<typeof readBody>[2];

/** One request to the API: the account, the target and the content. */
export class Call {
    readonly account: Account;
    readonly services: Services;
    readonly url: URL;
    readonly #context: Context;
    readonly #text: string;

    constructor(context: Context, services: Services, account: Account, text: string) {
        this.#context = context;
        this.services = services;
        this.account = account;
        this.url = new URL(context.req.url);
        this.#text = text;
    }

    header(name: string): string | undefined {
        return this.#context.req.header(name);
    }

    query(name: string): string | null {
        return this.url.searchParams.get(name);
    }

    /** A path parameter as text. */
    param(name: string): string {
        return this.#context.req.param(name) ?? "";
    }

    /** A path parameter that must be a whole number. */
    number(name: string): number {
        const text = this.param(name);
        if (!/^-?\d+$/.test(text)) {
            throw invalid(`${name} in path must be of type int64: ${JSON.stringify(text)}`);
        }
        return Number(text);
    }

    /**
     * The JSON body, parsed with its shape; `name` is the body's name in Harbor's API description.
     */
    body<S extends Shape>(name: string, shape: S): BodyOf<S> {
        const type = this.header("content-type") ?? "application/octet-stream";
        if (this.#text !== "" && !/^application\/json\b/i.test(type)) {
            throw invalid(
                `unsupported media type ${JSON.stringify(type)}, only [application/json] are allowed`,
            );
        }
        return readBody(this.#text, name, shape) as BodyOf<S>; // readBody returns the type of the shape.
    }

    /** A page of a list. */
    page<T>(records: readonly T[], view: (record: T) => unknown): Reply {
        const { items, headers } = paginate(this.url, records, view);
        return { json: items, headers };
    }
}

export type Handler = (call: Call) => Reply | Promise<Reply>;
export type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";

const unsafe = new Set(["POST", "PUT", "PATCH", "DELETE"]);
const csrfMessage = "CSRF token not found in request";

/** Hono answers HEAD with the route of GET; Harbor has separate routes for HEAD, else 405. */
const headVerb = "PROBE";

/** Routes of the REST API, with Harbor's checks and headers for every request. */
export class Api {
    readonly #app = new Hono({ strict: false });
    readonly #services: Services;
    readonly #routes: { method: Method; pattern: RegExp }[] = [];

    constructor(services: Services) {
        this.#services = services;
        this.#app.notFound((context) => this.#missing(context));
        this.#app.onError((error, context) => this.#failed(error, context));
    }

    /** Adds a route; `path` is relative to the API's root. */
    on(method: Method, path: string, handler: Handler): void {
        const full = `${apiRoot}${path}`;
        const pattern = new RegExp(`^${full.replaceAll(/:\w+/g, "[^/]+")}/?$`);
        this.#routes.push({ method, pattern });
        const verb = method === "HEAD" ? headVerb : method;
        this.#app.on(verb, full, (context) => this.#run(context, handler));
        this.#app.on(verb, `${full}/`, (context) => this.#run(context, handler));
    }

    fetch = async (request: Request, env?: unknown): Promise<Response> => {
        const { method, url, headers } = request;
        const routed =
            method === "HEAD" ? new Request(url, { method: headVerb, headers }) : request;
        const response = await this.#app.fetch(routed, env as object | undefined);
        response.headers.append(
            "Set-Cookie",
            `sid=${randomUUID().replaceAll("-", "")}; Path=/; HttpOnly`,
        );
        response.headers.set("X-Request-Id", request.headers.get("x-request-id") ?? randomUUID());
        return response;
    };

    async #run(context: Context, handler: Handler): Promise<Response> {
        const { req } = context;
        const hasSession = /(^|;\s*)sid=/.test(req.header("cookie") ?? "");
        const csrf: Record<string, string> = hasSession
            ? { "X-Harbor-Csrf-Token": randomUUID() }
            : {};
        if (hasSession && unsafe.has(req.method)) {
            throw new Fault(403, "FORBIDDEN", csrfMessage, { headers: csrf });
        }
        if (/%2f/i.test(req.path.replaceAll(/%252f/gi, ""))) {
            return this.#missing(context); // A slash in a repository's name must be encoded twice.
        }
        const account = await this.#services.logins.login(req.header("authorization"));
        this.#refuseWrites(req.method, new URL(req.url).pathname);
        refuseOtherTypes(req.header("accept"));
        const text = unsafe.has(req.method) ? await readText(req.raw) : "";
        const reply = await handler(new Call(context, this.#services, account, text));
        return respond({ ...reply, headers: { ...csrf, ...reply.headers } });
    }

    #refuseWrites(method: string, path: string): void {
        const configures = path.startsWith(`${apiRoot}/configurations`);
        if (unsafe.has(method) && !configures && this.#services.settings.flag("read_only")) {
            throw new Fault(
                403,
                "DENIED",
                "The system is in read only mode. Any modification is prohibited.",
            );
        }
    }

    #missing(context: Context): Response {
        const path = decodeURIComponent(new URL(context.req.url).pathname);
        const methods = this.#routes.filter((r) => r.pattern.test(path)).map((r) => r.method);
        if (methods.length > 0) {
            const message = `method ${context.req.method} is not allowed, but [${methods}] are`;
            return failure(new Fault(405, "METHOD_NOT_ALLOWED", message));
        }
        return failure(notFound(`path ${path} was not found`));
    }

    #failed(error: unknown, context: Context): Response {
        if (error instanceof Fault) {
            return failure(error);
        }
        const { method, url } = context.req;
        this.#services.log(`${method} ${url}: ${error instanceof Error ? error.stack : error}`);
        return failure(new Fault(500, "UNKNOWN", "internal server error"));
    }
}

function refuseOtherTypes(accept: string | undefined): void {
    if (
        accept !== undefined &&
        !/application\/json|application\/\*|\*\/\*|text\/plain.*\*/.test(accept)
    ) {
        throw new Fault(
            422,
            "UNPROCESSABLE_ENTITY",
            "validation failure list:\nunsupported media type requested, only [application/json] are available",
            { headers: { "Www-Authenticate": 'Basic realm="API"' } },
        );
    }
}

async function readText(request: Request): Promise<string> {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of request.body ?? []) {
        bytes += chunk.byteLength;
        if (bytes > bodyBytesMax) {
            throw new Fault(413, "REQUEST_ENTITY_TOO_LARGE", `body over ${bodyBytesMax} bytes`);
        }
        chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString("utf8");
}

export function failure(fault: Fault): Response {
    return new Response(faultBody(fault), {
        status: fault.status,
        headers: { "Content-Type": "application/json; charset=utf-8", ...fault.headers },
    });
}

function respond(reply: Reply): Response {
    const status = reply.status ?? 200;
    if (reply.text !== undefined) {
        return new Response(reply.text, { status, headers: reply.headers });
    }
    if (reply.json === undefined) {
        return new Response(null, { status, headers: { "Content-Length": "0", ...reply.headers } });
    }
    return new Response(`${JSON.stringify(reply.json)}\n`, {
        status,
        headers: { "Content-Type": "application/json", ...reply.headers },
    });
}
