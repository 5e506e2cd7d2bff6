import { AsyncLocalStorage } from "node:async_hooks";
import type { Cancellation } from "../http/cancellation";
import { hasStatus, RequestError, RequestErrorKind } from "../http/error";
import { apiFault } from "../http/fault";
import type { HttpRequest, HttpResponse } from "../http/message";
import {
    delayBefore,
    mayRepeat,
    type RequestRetryOptions,
    retryDefaults,
    sleep,
} from "../http/retry";
import { Transport } from "../http/transport";
import { trimEnd } from "../text/trimEnd";
import { type Answer, parseAnswer } from "./answer";
import {
    authorization,
    type Credentials,
    describeCredentials,
    hasCredentials,
    loginAdvice,
    withoutPlaceholders,
} from "./credentials";
import { type Json, object, objects } from "./json";
import { CsrfGuard } from "./session";

/** Settings of a {@link HarborClient}. */
export interface ClientOptions extends Credentials {
    /** Harbor's address, `https://host[:port]`, with an optional path of a proxy in front of Harbor. */
    readonly url: string;
    /** Headers sent with every request. */
    readonly headers?: Readonly<Record<string, string>> | undefined;
    /** Whether the server's certificate is verified. @default true */
    readonly verifyTls?: boolean | undefined;
    /** Time limit of one request, in milliseconds. @default 30_000 */
    readonly requestTimeoutMs?: number | undefined;
    /** Longest answer accepted, in bytes. @default 16 MiB */
    readonly bodyBytesMax?: number | undefined;
    readonly retry?: Partial<RequestRetryOptions> | undefined;
    /** Environment with the variables for certificates and proxies. @default process.env */
    readonly env?: NodeJS.ProcessEnv | undefined;
    /** @default nothing is ever cancelled */
    readonly cancellation?: Cancellation | undefined;
}

/** Query parameters of a request. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** Entries per page: the maximum that Harbor allows (more is a 422). */
const pageSizeMax = 100;
/** Maximum number of pages of one list. */
const pagesMax = 1000;

const safeMethods = new Set(["GET", "HEAD"]);
const idempotentMethods = new Set(["GET", "HEAD", "PUT", "DELETE"]);

/** The last request of an operation, for errors about the content of its answer. */
export const lastRequest = new AsyncLocalStorage<{ sent?: () => HttpRequest }>();

/** Client of Harbor's REST API v2.0. Sends no request before the first call. */
export class HarborClient {
    /** Harbor's address in messages. */
    readonly origin: string;
    /** Number of requests sent so far, including repetitions. */
    requestCount = 0;
    private readonly options: ClientOptions;
    private readonly base: string;
    private readonly retry: RequestRetryOptions;
    private readonly transport: Transport;
    private readonly csrf: CsrfGuard;
    private verified: Promise<void> | undefined;

    constructor(given: ClientOptions) {
        const options = withoutPlaceholders(given);
        this.options = options;
        this.base = `${trimEnd(options.url, "/")}/api/v2.0`;
        this.origin = new URL(options.url).origin;
        this.retry = { ...retryDefaults, ...options.retry };
        this.csrf = new CsrfGuard(options.sessionId);
        this.transport = new Transport({
            requestTimeoutMs: options.requestTimeoutMs ?? 30_000,
            bodyBytesMax: options.bodyBytesMax ?? 16 * 1024 * 1024,
            insecureOrigin: options.verifyTls === false ? this.origin : undefined,
            env: options.env ?? process.env,
        });
    }

    /** Reads `path`. */
    get(path: string, query: Query = {}, headers: Record<string, string> = {}): Promise<Answer> {
        return this.call("GET", path, { query, headers });
    }

    /** Reads a whole list, page by page. */
    async list(path: string, query: Query = {}): Promise<Json[]> {
        const all: Json[] = [];
        for (let page = 1; page <= pagesMax; page++) {
            const answer = await this.get(path, { ...query, page, page_size: pageSizeMax });
            const items = objects(answer.body, path);
            all.push(...items);
            if (items.length < pageSizeMax || all.length === answer.total) return all;
        }
        throw new RequestError({
            kind: RequestErrorKind.Protocol,
            reason: `the list ${path} does not end after ${pagesMax * pageSizeMax} entries`,
        });
    }

    /** Reads the object at `path`, which errors call `what`; undefined when missing. */
    async find(path: string, what: string, query: Query = {}): Promise<Json | undefined> {
        try {
            return object((await this.get(path, query)).body, what);
        } catch (error) {
            if (hasStatus(error, 404)) return undefined;
            throw error;
        }
    }

    /** Whether `path` exists. */
    async exists(path: string, query: Query = {}): Promise<boolean> {
        try {
            await this.call("HEAD", path, { query });
            return true;
        } catch (error) {
            if (hasStatus(error, 404)) return false;
            throw error;
        }
    }

    /** Sends a POST that creates something. Not repeated when Harbor may have carried it out; see {@link createOnce}. */
    post(path: string, body: unknown): Promise<Answer> {
        return this.call("POST", path, { body });
    }

    put(path: string, body: unknown): Promise<Answer> {
        return this.call("PUT", path, { body });
    }

    /** Sends a POST that changes something. Repeated like a PUT when `idempotent`. */
    patch(path: string, body: unknown, options: { idempotent: boolean }): Promise<Answer> {
        return this.call("PATCH", path, { body, ...options });
    }

    /** Deletes `path`; succeeds when `path` is already gone. */
    async delete(path: string): Promise<void> {
        try {
            await this.call("DELETE", path, {});
        } catch (error) {
            if (!hasStatus(error, 404)) throw error;
        }
    }

    /** Closes every connection. */
    close(): void {
        this.transport.close();
    }

    private async call(method: string, path: string, options: CallOptions): Promise<Answer> {
        await this.verify();
        return this.attempt(method, path, options);
    }

    // With a wrong password Harbor answers as to an anonymous user: 200, with less content. To avoid
    // mistaking that for drift, the client checks its login once, before the first request.
    private verify(): Promise<void> {
        if (!hasCredentials(this.options)) return Promise.resolve();
        this.verified ??= this.askWhoWeAre().catch((error: unknown) => {
            if (!isLoginFault(error)) this.verified = undefined;
            throw error;
        });
        return this.verified;
    }

    private async askWhoWeAre(): Promise<void> {
        try {
            await this.attempt("GET", "/users/current", {});
        } catch (error) {
            if (hasStatus(error, 401)) {
                throw new RequestError({
                    kind: RequestErrorKind.Login,
                    status: 401,
                    reason: `Harbor at ${this.origin} refuses the login of ${describeCredentials(this.options)}; ${loginAdvice(this.options)}`,
                    cause: error,
                });
            }
            // Robot accounts have no user (412), and some proxies forward only parts of the API.
            if (!(error instanceof RequestError) || error.kind !== RequestErrorKind.Status)
                throw error;
            if (error.status !== undefined && error.status >= 500) throw error;
        }
    }

    private async attempt(method: string, path: string, options: CallOptions): Promise<Answer> {
        const request = this.request(method, path, options);
        const operation = lastRequest.getStore();
        if (operation !== undefined) operation.sent = request;
        const safe = safeMethods.has(method);
        const idempotent = options.idempotent ?? idempotentMethods.has(method);
        const { cancellation } = this.options;
        const signal = safe ? cancellation?.reads : cancellation?.writes;
        let waitedForLock = false;
        for (let attempt = 1; ; attempt++) {
            let answer: HttpResponse | undefined;
            let fault: unknown;
            if (signal?.aborted) throw cancelled();
            try {
                this.requestCount++;
                answer = await this.transport.send(request());
                this.csrf.learn(answer);
                fault = apiFault(request(), answer);
                if (fault === undefined) return parseAnswer(request(), answer);
            } catch (error) {
                fault = error;
            }
            if (hasStatus(fault, 401) && hasCredentials(this.options) && !waitedForLock) {
                waitedForLock = true;
                await sleep(this.retry.loginLockMs, cancellation?.waits);
                continue;
            }
            if (
                attempt >= this.retry.attemptsMax ||
                !mayRepeat(fault, { safe, idempotent, attempt })
            )
                throw fault;
            const delay = delayBefore(attempt, this.retry, answer);
            if (delay === undefined) throw fault;
            await sleep(delay, cancellation?.waits);
        }
    }

    private request(method: string, path: string, options: CallOptions): () => HttpRequest {
        const url = new URL(this.base + path);
        for (const [key, value] of Object.entries(options.query ?? {})) {
            if (value !== undefined) url.searchParams.set(key, String(value));
        }
        const body = options.body === undefined ? undefined : JSON.stringify(options.body);
        const { cancellation } = this.options;
        const signal = safeMethods.has(method) ? cancellation?.reads : cancellation?.writes;
        return () => ({
            method,
            url,
            body,
            signal,
            headers: {
                accept: "application/json",
                "user-agent": "pulumi-resource-harbor",
                ...(body === undefined ? {} : { "content-type": "application/json" }),
                ...authorization(this.options),
                ...(safeMethods.has(method) ? {} : this.csrf.headers()),
                ...options.headers,
                ...this.options.headers,
            },
        });
    }
}

interface CallOptions {
    readonly query?: Query;
    readonly headers?: Record<string, string>;
    readonly body?: unknown;
    readonly idempotent?: boolean;
}

function isLoginFault(error: unknown): boolean {
    return error instanceof RequestError && error.kind === RequestErrorKind.Login;
}

function cancelled(): RequestError {
    return new RequestError({ kind: RequestErrorKind.Cancelled, reason: "cancelled" });
}
