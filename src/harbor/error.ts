/** What kind of thing went wrong between us and Harbor. */
export const HarborErrorKind = {
    /** No connection: name not found, refused, unreachable, reset before an answer. */
    Unreachable: "unreachable",
    /** The certificate was not accepted, or the other side does not speak TLS. */
    Tls: "tls",
    /** No answer within the time limit. */
    Timeout: "timeout",
    /** An answer that cannot be used: truncated JSON, too long, a list without an end. */
    Protocol: "protocol",
    /** An answer that no Harbor gives: a web page, a redirect, another program's 404. */
    NotHarbor: "notHarbor",
    /** Harbor does not take the credentials. */
    Login: "login",
    /** Harbor's own refusal: a status of 400 or above. */
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
    /** Harbor's own words. */
    readonly reason: string;
    readonly method?: string;
    readonly url?: string;
    /** Whether Harbor may have carried the request out although no usable answer came. */
    readonly ambiguous?: boolean;
    readonly cause?: unknown;
}

/** A request to Harbor that failed. Its message never holds credentials. */
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
