import { type RequestError, RequestErrorKind } from "../http/error";
import { type CacheSourceState, CacheSourceStatus } from "./cacheSource";
import type { RegistryCredentials } from "./credentials";
import type { Location } from "./location";
import { Login, type TokenFacts } from "./token";

type Refusal = Pick<CacheSourceState, "status" | "reason" | "missingProject">;

/** Why the registry refuses a manifest, derived from the answer and the token. */
export function explainRefusal(
    location: Location,
    fault: RequestError,
    facts: TokenFacts,
    credentials: RegistryCredentials | undefined,
): Refusal {
    const words = once(fault.reason);
    if (fault.kind !== RequestErrorKind.Status) {
        return { status: CacheSourceStatus.Unreachable, reason: words };
    }
    switch (fault.status) {
        case 404:
            return { status: CacheSourceStatus.Missing, reason: words };
        case 401:
        case 403:
            return explainDenial(location, words, facts, credentials);
        case 412:
            return { status: CacheSourceStatus.Blocked, reason: words };
        default:
            return {
                status: CacheSourceStatus.Unreachable,
                reason: `the registry answered ${fault.status}: ${words}`,
            };
    }
}

function explainDenial(
    { registry, repository }: Location,
    words: string,
    { login }: TokenFacts,
    credentials: RegistryCredentials | undefined,
): Refusal {
    // Harbor 2.15 answers 401, not 404, for a project that does not exist.
    const project = /^project (\S+) not found$/.exec(words)?.[1];
    if (project !== undefined) {
        return {
            status: CacheSourceStatus.Missing,
            reason: `project "${project}" does not exist`,
            missingProject: project,
        };
    }
    const forbidden = (reason: string) => ({ status: CacheSourceStatus.Forbidden, reason });
    if (credentials === undefined) {
        return forbidden(`no login is given for ${registry}, and ${repository} is not public`);
    }
    switch (login) {
        case Login.Rejected:
            return {
                status: CacheSourceStatus.LoginRefused,
                reason: `the login for ${registry} is not accepted: its user or secret is wrong, or the account is disabled or has expired`,
            };
        case Login.Accepted:
            return forbidden(
                `the login for ${registry} is good, but the account may not pull from ${repository}`,
            );
        default:
            return forbidden(`the registry refuses: ${words}`);
    }
}

// Harbor repeats the message of a 401: "x: x" (recorded with 2.15).
function once(message: string): string {
    const half = message.slice(0, Math.floor((message.length - 2) / 2));
    return message === `${half}: ${half}` ? half : message;
}
