import { asRecord } from "../text/lenientJson";

/** Whether a registry accepted the login of a token request. */
export const Login = {
    /** The request had no login. */
    None: "none",
    Accepted: "accepted",
    /** The registry returned an anonymous token or none: Harbor's answer to a wrong secret and to a disabled or expired robot account. */
    Rejected: "rejected",
    /** The token does not show it. */
    Unknown: "unknown",
} as const;
export type Login = (typeof Login)[keyof typeof Login];

/** The content of a registry's token. */
export interface TokenFacts {
    readonly login: Login;
    /** The allowed actions in the requested repository; undefined when the token does not show them. */
    readonly actions: readonly string[] | undefined;
}

/** Issuer that Harbor puts into its tokens (recorded with 2.15). */
const harborIssuer = "harbor-token-issuer";

/**
 * Reads what a token allows, only to explain a refusal; the registry decides. Harbor answers every
 * login with a token: only a missing `sub` shows that it treated the caller as anonymous.
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
        return asRecord(JSON.parse(Buffer.from(part, "base64url").toString("utf8")));
    } catch {
        return {}; // an opaque token, as the specification allows
    }
}

function actionsOf(access: unknown, repository: string): readonly string[] | undefined {
    if (!Array.isArray(access)) {
        return undefined;
    }
    const entry = access.map(asRecord).find((one) => one["name"] === repository);
    const actions = entry?.["actions"];
    return Array.isArray(actions)
        ? actions.filter((action): action is string => typeof action === "string")
        : [];
}

/** The token in the answer of a token service; undefined without one. */
export function tokenOf(body: string): string | undefined {
    try {
        // `access_token` replaces an empty `token` (distribution token specification).
        const { token, access_token } = asRecord(JSON.parse(body));
        const given = [token, access_token];
        return given.find((one): one is string => typeof one === "string" && one !== "");
    } catch {
        return undefined;
    }
}
