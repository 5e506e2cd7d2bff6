import { reasonOf } from "../text/reason";
import { errorCode, RequestError, type RequestErrorFacts, RequestErrorKind } from "./error";
import type { HttpRequest, HttpResponse } from "./message";
import { trustFix } from "./trust";

/** The name of the server in messages. */
export type Peer = "Harbor" | "the registry";

/** Errors of requests that never reached the server, with their meaning for users. */
const neverSent: Readonly<Record<string, string>> = {
    ECONNREFUSED: "nothing listens there; is the port right and the server up?",
    ENOTFOUND: "no such host name; is it spelled right, and does this machine's DNS know it?",
    EAI_AGAIN: "the host name could not be looked up; DNS did not answer",
    EHOSTUNREACH: "no route to the host",
    ENETUNREACH: "no route to the network",
};

/** What is wrong with a server's certificate, and what to do. */
export interface CertificateFault {
    readonly what: string;
    readonly fix: string;
}

const unknownAuthority: CertificateFault = {
    what: "its certificate comes from an unknown certificate authority",
    fix: trustFix("that authority's certificate"),
};

/** Errors of certificate verification. OpenSSL's names, as Node reports them. */
const certificateFaults: Readonly<Record<string, CertificateFault>> = {
    DEPTH_ZERO_SELF_SIGNED_CERT: {
        what: "its certificate is self-signed",
        fix: trustFix("that certificate"),
    },
    SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
    UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
    UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
    CERT_HAS_EXPIRED: {
        what: "its certificate has expired",
        fix: "Fix: renew the certificate on the server",
    },
    CERT_NOT_YET_VALID: {
        what: "its certificate is not valid yet",
        fix: "Fix: correct the clock of this machine, or wait",
    },
    ERR_TLS_CERT_ALTNAME_INVALID: {
        what: "its certificate is for another name",
        fix: "Fix: use a host name that the certificate covers",
    },
};

/** What is wrong with a certificate, by Node's error code; undefined for any other error. */
export function certificateFault(error: unknown): CertificateFault | undefined {
    return certificateFaults[errorCode(error)];
}

/** Statuses of other programs for the paths of Harbor's API; Harbor adds a list of errors. */
const foreignStatuses = new Set([404, 405]);

/** Errors of Node's OpenSSL, and of Bun, when the server answers a TLS greeting with plain HTTP. */
const notTls = /wrong[ _]version[ _]number|packet length too long|http request|EPROTO/i;

/** Turns the cause of a failed request into a {@link RequestError} that names what to do. */
export function connectionFault(
    request: HttpRequest,
    cause: unknown,
    peer: Peer = "Harbor",
): RequestError {
    // Only a Harbor is configured by url, so only its errors advise on the url.
    const advice = (text: string) => (peer === "Harbor" ? `; ${text}` : "");
    const at = { method: request.method, url: request.url.href };
    if (cause instanceof RequestError) {
        return cause.url === undefined
            ? new RequestError({ ...factsOf(cause), ...at, cause: cause.cause })
            : cause;
    }
    const code = errorCode(cause);
    const text = reasonOf(cause);
    const origin = request.url.origin;
    if (code === "ABORT_ERR") {
        return new RequestError({
            kind: RequestErrorKind.Cancelled,
            reason: `cancelled before ${peer} had answered`,
            ambiguous: true,
            ...at,
        });
    }
    const mistrust = certificateFault(cause);
    if (mistrust) {
        return new RequestError({
            kind: RequestErrorKind.Tls,
            reason: `${origin} is not trusted: ${mistrust.what} (${code}). ${mistrust.fix}`,
            ...at,
            cause,
        });
    }
    if (request.url.protocol === "https:" && notTls.test(`${code} ${text}`)) {
        return new RequestError({
            kind: RequestErrorKind.Tls,
            reason: `${origin} does not speak TLS${advice("if Harbor is served over plain HTTP, write http:// in the url")}`,
            ...at,
            cause,
        });
    }
    const meaning = neverSent[code];
    // A TLS server closes a plain HTTP connection without an answer.
    const hint =
        request.url.protocol === "http:" && code === "ECONNRESET"
            ? advice("if Harbor is served over https, write https:// in the url")
            : "";
    return new RequestError({
        kind: RequestErrorKind.Unreachable,
        reason: meaning
            ? `${peer} at ${origin} cannot be reached: ${meaning} (${code})`
            : `the connection to ${peer} at ${origin} broke: ${text}${code ? ` (${code})` : ""}${hint}`,
        ambiguous: meaning === undefined,
        ...at,
        cause,
    });
}

/**
 * {@link answerFault} for Harbor's API: also recognises answers of programs that are not Harbor.
 */
export function apiFault(request: HttpRequest, answer: HttpResponse): RequestError | undefined {
    const fault = answerFault(request, answer);
    if (fault === undefined || !isForeign(fault, answer)) return fault;
    const what =
        fault.kind === RequestErrorKind.Protocol
            ? fault.reason
            : `it answered ${answer.status}: ${fault.reason}`;
    return notHarbor(request, what, { status: answer.status });
}

function isForeign({ kind, code }: RequestError, { status, body }: HttpResponse): boolean {
    if (kind === RequestErrorKind.Protocol) return true;
    const isRefusal = kind === RequestErrorKind.Status && foreignStatuses.has(status);
    return isRefusal && code === undefined && body.trim() !== "";
}

/** The error for a server that is not a Harbor. */
export function notHarbor(
    { method, url }: HttpRequest,
    what: string,
    facts: Pick<RequestErrorFacts, "status" | "ambiguous" | "cause">,
): RequestError {
    return new RequestError({
        kind: RequestErrorKind.NotHarbor,
        reason: `${url.origin} does not look like a Harbor server: ${what}. Give the address of Harbor's portal, https://host[:port]`,
        method,
        url: url.href,
        ...facts,
    });
}

/**
 * Turns an answer that is not a success into a {@link RequestError}; undefined for a success.
 * Harbor's refusals carry `{"errors":[{"code","message"}]}`; proxies in front of it send HTML.
 */
export function answerFault(request: HttpRequest, answer: HttpResponse): RequestError | undefined {
    const { status, body } = answer;
    if (status >= 200 && status < 300) return undefined;
    const at = { method: request.method, url: request.url.href, status };
    const location = answer.headers.location ?? "";
    if (status >= 300 && status < 400) {
        const tls = request.url.protocol === "http:" && location.startsWith("https:");
        return new RequestError({
            kind: tls ? RequestErrorKind.Tls : RequestErrorKind.Protocol,
            reason: tls
                ? `${request.url.origin} redirects plain HTTP to https; write https:// in the url`
                : `it redirects to ${location || "nowhere"} (${status})`,
            ...at,
        });
    }
    if (status === 400 && /HTTP request (was sent )?to (an )?HTTPS/i.test(body)) {
        return new RequestError({
            kind: RequestErrorKind.Tls,
            reason: `${request.url.origin} speaks TLS; write https:// in the url`,
            ...at,
        });
    }
    const own = harborReason(body);
    // Harbor undoes a request that it answers with 500. A gateway does not know what became of the
    // request, whatever the form of its answer.
    const isUndone = own !== undefined && status === 500;
    return new RequestError({
        kind: RequestErrorKind.Status,
        reason: own?.message ?? foreignReason(answer),
        ...(own?.code === undefined ? {} : { code: own.code }),
        ambiguous: status >= 500 && !isUndone,
        ...at,
    });
}

function harborReason(body: string): { code?: string; message: string } | undefined {
    let parsed: unknown;
    try {
        parsed = JSON.parse(body);
    } catch {
        return undefined;
    }
    if (typeof parsed !== "object" || parsed === null || !("errors" in parsed)) return undefined;
    const first: unknown = Array.isArray(parsed.errors) ? parsed.errors[0] : undefined;
    if (typeof first !== "object" || first === null || !("message" in first)) return undefined;
    // JSON can describe an object that cannot become a text.
    if (typeof first.message === "object") return undefined;
    const code = "code" in first && typeof first.code === "string" ? { code: first.code } : {};
    return { ...code, message: String(first.message) };
}

function foreignReason(answer: HttpResponse): string {
    const body = answer.body.slice(0, pageCharactersMax);
    const text = visibleText(body).replace(/\s+/g, " ").trim();
    if (text === "") return "empty answer";
    const excerpt = text.length > 200 ? `${text.slice(0, 200)}…` : text;
    return /<html/i.test(body) ? `an HTML page: ${excerpt}` : excerpt;
}

/** How much of an error page to read, in characters. */
const pageCharactersMax = 64 * 1024;

/** The text of a page without tags, scripts and styles. */
function visibleText(page: string): string {
    const [start = "", ...tags] = page.split("<");
    let hiddenUntil: string | undefined;
    const texts = tags.map((tag) => {
        const name = /^\/?[a-z]*/i.exec(tag)?.[0].toLowerCase() ?? "";
        if (hiddenUntil === name) hiddenUntil = undefined;
        else if (name === "script" || name === "style") hiddenUntil ??= `/${name}`;
        const end = tag.indexOf(">");
        if (hiddenUntil !== undefined) return "";
        return end < 0 ? `<${tag}` : tag.slice(end + 1);
    });
    return [start, ...texts].join(" ");
}

function factsOf(error: RequestError) {
    return {
        kind: error.kind,
        reason: error.reason,
        ambiguous: error.ambiguous,
        ...(error.status === undefined ? {} : { status: error.status }),
        ...(error.code === undefined ? {} : { code: error.code }),
    };
}
