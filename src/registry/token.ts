import { record } from "./json";

/** Whether a registry took the login that was sent with a request for a token. */
export const Login = {
    /** None was sent. */
    None: "none",
    Accepted: "accepted",
    /** The token that came is an anonymous one, or none came: that is how Harbor answers a wrong secret, a disabled and an expired robot account. */
    Rejected: "rejected",
    /** The registry's token does not tell. */
    Unknown: "unknown",
} as const;
export type Login = (typeof Login)[keyof typeof Login];

/** What a registry's token says of itself. */
export interface TokenFacts {
    readonly login: Login;
    /** What it allows in the repository that it was asked for; undefined when it does not tell. */
    readonly actions: readonly string[] | undefined;
}

/** Issuer that Harbor puts into its tokens (recorded with 2.15). */
const harborIssuer = "harbor-token-issuer";

/**
 * Reads what a token allows, to explain a refusal; the registry alone decides. Harbor answers any
 * login with a token: only the missing `sub` tells that it took the caller for nobody.
 */
export function tokenFacts(
    token: string,
    repository: string,
    sent: { readonly login: boolean },
): TokenFacts {
    const claims = payload(token);
    const actions = actionsOf(claims["access"], repository);
    if (!sent.login) {
        return { login: Login.None, actions };
    }
    if (typeof claims["sub"] === "string" && claims["sub"] !== "") {
        return { login: Login.Accepted, actions };
    }
    const anonymous = claims["iss"] === harborIssuer;
    return { login: anonymous ? Login.Rejected : Login.Unknown, actions };
}

function payload(token: string): Readonly<Record<string, unknown>> {
    const part = token.split(".")[1] ?? "";
    try {
        return record(JSON.parse(Buffer.from(part, "base64url").toString("utf8")));
    } catch {
        return {}; // an opaque token, as the specification allows
    }
}

function actionsOf(access: unknown, repository: string): readonly string[] | undefined {
    if (!Array.isArray(access)) {
        return undefined;
    }
    const entry = access.map(record).find((one) => one["name"] === repository);
    const actions = entry?.["actions"];
    return Array.isArray(actions)
        ? actions.filter((action): action is string => typeof action === "string")
        : [];
}
