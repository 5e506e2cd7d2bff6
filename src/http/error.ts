/** Kind of a failed request to Harbor. */
export const HarborErrorKind = {
    /** No connection: the name is unknown, or the connection is refused, unreachable or reset. */
    Unreachable: "unreachable",
    /** The certificate is not trusted, or the server does not speak TLS. */
    Tls: "tls",
    /** No answer within the time limit. */
    Timeout: "timeout",
    /** An unusable answer: truncated JSON, too long, an endless list. */
    Protocol: "protocol",
    /** An answer that no Harbor gives: a web page, a redirect, another program's 404. */
    NotHarbor: "notHarbor",
    /** Harbor rejects the credentials. */
    Login: "login",
    /** Harbor refuses the request with a status of 400 or above. */
    Status: "status",
    /** The caller cancelled. */
    Cancelled: "cancelled",
} as const;
export type HarborErrorKind = (typeof HarborErrorKind)[keyof typeof HarborErrorKind];

/** The facts of a {@link HarborError}. */
export interface HarborErrorFacts {
    readonly kind: HarborErrorKind;
    /** HTTP status; absent when no answer came. */
    readonly status?: number;
    /** Harbor's error code, such as `CONFLICT`. */
    readonly code?: string;
    /** Harbor's message. */
    readonly reason: string;
    readonly method?: string;
    readonly url?: string;
    /** Whether Harbor may have carried out the request although no usable answer came. */
    readonly ambiguous?: boolean;
    readonly cause?: unknown;
}

/** A failed request to Harbor. The message never contains credentials. */
export class HarborError extends Error {
    override readonly name = "HarborError" as const;
    readonly kind: HarborErrorKind;
    readonly status: number | undefined;
    readonly code: string | undefined;
    readonly reason: string;
    readonly method: string | undefined;
    readonly url: string | undefined;
    readonly ambiguous: boolean;

    constructor(facts: HarborErrorFacts) {
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

function message(facts: HarborErrorFacts): string {
    const where = facts.method && facts.url ? ` (${facts.method} ${facts.url})` : "";
    if (facts.status === undefined || facts.kind !== HarborErrorKind.Status) {
        return `${facts.reason}${where}`;
    }
    const code = facts.code ? ` ${facts.code}` : "";
    return `Harbor answered ${facts.status}${code}: ${facts.reason}${where}`;
}

/** Whether `error` is Harbor's answer with one of `statuses`. */
export function hasStatus(error: unknown, ...statuses: number[]): error is HarborError {
    return (
        error instanceof HarborError &&
        error.kind === HarborErrorKind.Status &&
        error.status !== undefined &&
        statuses.includes(error.status)
    );
}
