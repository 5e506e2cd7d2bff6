import { HarborError, HarborErrorKind } from "../harbor/error";
import { delayBefore, mayRepeat, type RetryOptions, retryDefaults, sleep } from "../harbor/retry";
import { CacheSourceStatus } from "./cacheSource";
import type { CredentialsFor } from "./credentials";
import { type Location, locate } from "./location";
import { digestOf, manifestTypes } from "./manifest";
import { explainRefusal } from "./refusal";
import { Registries, type RegistryOptions } from "./registries";
import type { RegistryAnswer, RegistrySession } from "./session";

/** The digest that a reference's tag names, or why it could not be found out, in one clause. */
export type DigestAnswer =
    | { readonly digest: string }
    | { readonly status: CacheSourceStatus; readonly reason: string };

/** How a registry is asked for a digest. */
export interface DigestOptions extends RegistryOptions {
    /** How requests that meet a passing fault are repeated. */
    readonly retry?: Partial<RetryOptions> | undefined;
}

/** Time allowed for one reference, in milliseconds. */
const timeoutMsDefault = 20_000;
const retryOptions: RetryOptions = { ...retryDefaults, attemptsMax: 4, delayMaxMs: 5_000 };

/**
 * Asks a registry which digest a tag has, of an index where there is one. Passing faults are tried
 * again. Never throws.
 */
export async function findDigest(
    reference: string,
    credentialsFor: CredentialsFor,
    options: DigestOptions = {},
): Promise<DigestAnswer> {
    const location = locate(reference);
    const timeoutMs = options.timeoutMs ?? timeoutMsDefault;
    const retry = { ...retryOptions, ...options.retry };
    const registries = new Registries(credentialsFor, { ...options, timeoutMs });
    try {
        for (let attempt = 1; ; attempt++) {
            const asked = await attemptOnce(registries, location);
            if (typeof asked === "string") return { digest: asked };
            const { error, answer } = asked;
            const again = mayRepeat(error, { safe: true, idempotent: true, attempt });
            const delayMs = again ? delayBefore(attempt, retry, answer?.response) : undefined;
            if (delayMs === undefined || attempt === retry.attemptsMax) {
                return explain(location, asked, credentialsFor, timeoutMs);
            }
            await sleep(delayMs);
        }
    } finally {
        registries.close();
    }
}

interface Failure {
    readonly error: unknown;
    /** The registry's refusal; undefined when it did not answer. */
    readonly answer?: RegistryAnswer;
}

async function attemptOnce(registries: Registries, location: Location): Promise<string | Failure> {
    try {
        return await registries.ask(location, (session) => askDigest(session, location));
    } catch (error) {
        return { error };
    }
}

async function askDigest(
    session: RegistrySession,
    { repository, selector }: Location,
): Promise<string | Failure> {
    const path = `manifests/${selector}`;
    const head = await session.head(repository, path, manifestTypes);
    const told = head.response.headers["docker-content-digest"];
    if (head.fault === undefined && typeof told === "string" && digestPattern.test(told)) {
        return told;
    }
    if (head.response.status === 429) {
        // A GET would count once more.
        return { error: head.fault, answer: head };
    }
    // A refusal's words are in its body; and what does not tell its digest is hashed.
    const answer = await session.get(repository, path, manifestTypes);
    return answer.fault === undefined
        ? digestOf(answer.response.body)
        : { error: answer.fault, answer };
}

const digestPattern = /^sha(?:256:[0-9a-f]{64}|512:[0-9a-f]{128})$/;

function explain(
    location: Location,
    { error, answer }: Failure,
    credentialsFor: CredentialsFor,
    timeoutMs: number,
): DigestAnswer {
    if (answer?.response.status === 429) {
        const reason = "the registry answered 429: its rate limit is used up for now";
        return { status: CacheSourceStatus.Unreachable, reason };
    }
    if (answer?.fault !== undefined) {
        const { status, reason } = explainRefusal(
            location,
            answer.fault,
            answer,
            credentialsFor(location.registry),
        );
        const code = answer.response.status;
        return { status, reason: reason === undefined ? `it answered ${code}` : reason };
    }
    const status = CacheSourceStatus.Unreachable;
    return { status, reason: unreachable(error, location.server, timeoutMs) };
}

function unreachable(error: unknown, server: string, timeoutMs: number): string {
    if (!(error instanceof HarborError)) {
        return `it could not be asked: ${error instanceof Error ? error.message : String(error)}`;
    }
    switch (error.kind) {
        case HarborErrorKind.Cancelled:
        case HarborErrorKind.Timeout:
            return `${server} did not answer within ${timeoutMs / 1000} s`;
        case HarborErrorKind.Unreachable:
            return `${server} cannot be reached${codeOf(error.cause)}`;
        default:
            return error.reason;
    }
}

function codeOf(cause: unknown): string {
    const code: unknown = Reflect.get(Object(cause), "code");
    return typeof code === "string" ? ` (${code})` : "";
}
