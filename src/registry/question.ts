import { errorCode, RequestError, RequestErrorKind } from "../http/error";
import {
    delayBefore,
    mayRepeat,
    type RequestRetryOptions,
    retryDefaults,
    sleep,
} from "../http/retry";
import { reasonOf } from "../text/reason";
import { CacheSourceStatus } from "./cacheSource";
import type { CredentialsFor, RegistryCredentials } from "./credentials";
import { type Location, locate } from "./location";
import { explainRefusal } from "./refusal";
import { Registries, type RegistryOptions } from "./registries";
import type { RegistryAnswer, RegistrySession } from "./session";

/** Why a registry did not answer a question, in one clause. */
export interface NoAnswer {
    readonly status: CacheSourceStatus;
    readonly reason: string;
}

/** Options for a request to a registry. */
export interface QuestionOptions extends RegistryOptions {
    /** How to retry requests after a temporary fault. */
    readonly retry?: Partial<RequestRetryOptions> | undefined;
}

/** Time limit for one reference, in milliseconds. */
const timeoutMsDefault = 20_000;
const retryOptions: RequestRetryOptions = { ...retryDefaults, attemptsMax: 4, delayMaxMs: 5_000 };

/**
 * Asks the registry of a reference a question. Retries temporary faults. Never throws.
 *
 * @param question returns the answer or the refusal
 */
export async function askRegistry<T>(
    reference: string,
    credentialsFor: CredentialsFor,
    options: QuestionOptions,
    question: (session: RegistrySession, location: Location) => Promise<T | Refused>,
): Promise<T | NoAnswer> {
    const location = locate(reference);
    const timeoutMs = options.timeoutMs ?? timeoutMsDefault;
    const retry = { ...retryOptions, ...options.retry };
    const registries = new Registries(credentialsFor, { ...options, timeoutMs });
    try {
        for (let attempt = 1; ; attempt++) {
            const asked = await registries
                .ask(location, (session) => question(session, location))
                .catch((error: unknown) => new Refused(error));
            if (!(asked instanceof Refused)) return asked;
            const { error, answer } = asked;
            const again = mayRepeat(error, { safe: true, idempotent: true, attempt });
            const delayMs = again ? delayBefore(attempt, retry, answer?.response) : undefined;
            if (delayMs === undefined || attempt === retry.attemptsMax) {
                const credentials = await credentialsFor(location.registry);
                return explain(location, asked, credentials, timeoutMs);
            }
            await sleep(delayMs);
        }
    } finally {
        registries.close();
    }
}

/** Why a registry did not answer. */
export class Refused {
    readonly error: unknown;
    /** The registry's refusal; undefined when it did not answer. */
    readonly answer: RegistryAnswer | undefined;

    constructor(error: unknown, answer?: RegistryAnswer) {
        this.error = error;
        this.answer = answer;
    }
}

function explain(
    location: Location,
    { error, answer }: Refused,
    credentials: RegistryCredentials | undefined,
    timeoutMs: number,
): NoAnswer {
    if (answer?.response.status === 429) {
        const reason = "the registry answered 429: its rate limit is used up for now";
        return { status: CacheSourceStatus.Unreachable, reason };
    }
    if (answer?.fault !== undefined) {
        const { status, reason } = explainRefusal(location, answer.fault, answer, credentials);
        const code = answer.response.status;
        return { status, reason: reason === undefined ? `it answered ${code}` : reason };
    }
    const status = CacheSourceStatus.Unreachable;
    return { status, reason: unreachable(error, location.server, timeoutMs) };
}

function unreachable(error: unknown, server: string, timeoutMs: number): string {
    if (!(error instanceof RequestError)) {
        return `the request failed: ${reasonOf(error)}`;
    }
    switch (error.kind) {
        case RequestErrorKind.Cancelled:
        case RequestErrorKind.Timeout:
            return `${server} did not answer within ${timeoutMs / 1000} s`;
        case RequestErrorKind.Unreachable:
            return `${server} cannot be reached${inParentheses(errorCode(error.cause))}`;
        default:
            return error.reason;
    }
}

const inParentheses = (code: string): string => (code === "" ? "" : ` (${code})`);
