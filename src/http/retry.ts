import { errorCode, RequestError, RequestErrorKind } from "./error";
import type { HttpResponse } from "./message";

/** How the client repeats requests. */
export interface RequestRetryOptions {
    /** Maximum number of attempts of one request, including the first. @default 5 */
    readonly attemptsMax: number;
    /** Wait before the second attempt, in milliseconds; doubles with each attempt. @default 250 */
    readonly delayMs: number;
    /** Longest wait, in milliseconds; a longer `Retry-After` ends the attempts. @default 15_000 */
    readonly delayMaxMs: number;
    /**
     * Wait before the second attempt of a refused login, in milliseconds. After a failed login Harbor
     * refuses every login of that user for 1.5 s. @default 1700
     */
    readonly loginLockMs: number;
}

export const retryDefaults: RequestRetryOptions = {
    attemptsMax: 5,
    delayMs: 250,
    delayMaxMs: 15_000,
    loginLockMs: 1700,
};

/** Statuses of temporary faults. Not 500: Harbor also answers it to some requests that always fail. */
export const temporaryStatuses: ReadonlySet<number> = new Set([408, 425, 429, 502, 503, 504]);

/**
 * Whether a request that ended in `error` may be sent again. A safe or idempotent request may be
 * repeated after any temporary fault, another request only when Harbor certainly did not carry it out.
 */
export function mayRepeat(
    error: unknown,
    request: { readonly safe: boolean; readonly idempotent: boolean; readonly attempt: number },
): boolean {
    if (!(error instanceof RequestError)) return false;
    switch (error.kind) {
        case RequestErrorKind.Cancelled:
        case RequestErrorKind.Tls:
            return false;
        case RequestErrorKind.Status:
            if (error.status === 429) return true;
            // Harbor answers 500 to temporary faults of its database, and to some missing resources.
            if (error.status === 500) return request.safe && request.attempt === 1;
            return request.idempotent && temporaryStatuses.has(error.status ?? 0);
        default:
            // A repeated request would be redirected again.
            if (error.status !== undefined) return false;
            // The host does not exist; a temporary fault of DNS has the code EAI_AGAIN.
            if (errorCode(error.cause) === "ENOTFOUND") return false;
            return request.idempotent || !error.ambiguous;
    }
}

/** Wait before attempt number `attempt` + 1; undefined when Harbor requests a longer wait than allowed. */
export function delayBefore(
    attempt: number,
    options: RequestRetryOptions,
    answer?: HttpResponse,
): number | undefined {
    const asked = retryAfterMs(answer);
    if (asked !== undefined) return asked > options.delayMaxMs ? undefined : asked;
    const full = Math.min(options.delayMs * 2 ** (attempt - 1), options.delayMaxMs);
    // Half fixed, half random, so that parallel requests do not repeat at the same time.
    return full / 2 + Math.random() * (full / 2);
}

function retryAfterMs(answer: HttpResponse | undefined): number | undefined {
    const header = answer?.headers["retry-after"];
    if (header === undefined) return undefined;
    if (/^\d+$/.test(header)) return Number(header) * 1000;
    const date = Date.parse(header);
    return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

/** Waits, or fails with a Cancelled error when `signal` fires. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
        const cancelled = () => {
            clearTimeout(timer);
            reject(new RequestError({ kind: RequestErrorKind.Cancelled, reason: "cancelled" }));
        };
        const timer = setTimeout(() => {
            signal?.removeEventListener("abort", cancelled);
            resolve();
        }, ms);
        if (signal?.aborted) cancelled();
        else signal?.addEventListener("abort", cancelled, { once: true });
    });
}
