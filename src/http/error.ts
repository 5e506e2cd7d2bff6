import { printable } from "../text/printable";
import { reasonOf } from "../text/reason";

/** Kind of a failed request to Harbor or another registry. */
export const RequestErrorKind = {
    /** No connection: the name is unknown, or the connection is refused, unreachable or reset. */
    Unreachable: "unreachable",
    /** The certificate is not trusted, or the server does not speak TLS. */
    Tls: "tls",
    /** No answer within the time limit. */
    Timeout: "timeout",
    /** An unusable answer: truncated JSON, too long, an endless list. */
    Protocol: "protocol",
    /**
     * An answer that does not come from a Harbor: a web page, a redirect, another program's 404.
     */
    NotHarbor: "notHarbor",
    /** The server rejects the credentials. */
    Login: "login",
    /** The server refuses the request with a status of 400 or above. */
    Status: "status",
    /** The caller cancelled. */
    Cancelled: "cancelled",
} as const;
export type RequestErrorKind = (typeof RequestErrorKind)[keyof typeof RequestErrorKind];

/** The facts of a {@link RequestError}. */
export interface RequestErrorFacts {
    readonly kind: RequestErrorKind;
    /** HTTP status; absent when no answer came. */
    readonly status?: number;
    /** The server's error code, such as `CONFLICT`. */
    readonly code?: string;
    /** The server's message, or what went wrong without an answer. */
    readonly reason: string;
    readonly method?: string;
    readonly url?: string;
    /** Whether the server may have carried out the request although no usable answer came. */
    readonly ambiguous?: boolean;
    readonly cause?: unknown;
}

/**
 * A failed request to Harbor or another registry. The message never contains credentials, and the
 * server's words in it are safe for a log.
 */
export class RequestError extends Error {
    override readonly name = "RequestError" as const;
    readonly kind: RequestErrorKind;
    readonly status: number | undefined;
    readonly code: string | undefined;
    readonly reason: string;
    readonly method: string | undefined;
    readonly url: string | undefined;
    readonly ambiguous: boolean;

    constructor(given: RequestErrorFacts) {
        const code = given.code === undefined ? {} : { code: printable(given.code) };
        const facts = { ...given, ...code, reason: printable(given.reason) };
        super(message(facts), { cause: facts.cause });
        this.kind = facts.kind;
        this.status = facts.status;
        this.code = facts.code;
        this.reason = facts.reason;
        this.method = facts.method;
        this.url = facts.url;
        this.ambiguous = facts.ambiguous ?? false;
    }
}

function message(facts: RequestErrorFacts): string {
    const where = facts.method && facts.url ? ` (${facts.method} ${facts.url})` : "";
    if (facts.status === undefined || facts.kind !== RequestErrorKind.Status) {
        return `${facts.reason}${where}`;
    }
    const code = facts.code ? ` ${facts.code}` : "";
    return `Harbor answered ${facts.status}${code}: ${facts.reason}${where}`;
}

/** Whether `error` is the server's answer with one of `statuses`. */
export function hasStatus(error: unknown, ...statuses: number[]): error is RequestError {
    return (
        error instanceof RequestError &&
        error.kind === RequestErrorKind.Status &&
        error.status !== undefined &&
        statuses.includes(error.status)
    );
}

/** Why a request failed, with the status of the answer, and without the request. */
export function shortReasonOf(error: unknown): string {
    if (!(error instanceof RequestError)) return reasonOf(error);
    return error.kind === RequestErrorKind.Status
        ? `the registry answered ${error.status}: ${error.reason}`
        : error.reason;
}

/** The code that Node.js gives a system's or a certificate's error; empty without one. */
export function errorCode(cause: unknown): string {
    const code: unknown = Reflect.get(Object(cause), "code");
    return typeof code === "string" ? code : "";
}
