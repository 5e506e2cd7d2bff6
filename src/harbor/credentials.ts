/** How a client proves who it is. In order of precedence: session, bearer token, user and password. */
export interface Credentials {
    readonly username?: string | undefined;
    readonly password?: string | undefined;
    /** OIDC id token, sent as a bearer token. */
    readonly bearerToken?: string | undefined;
    /** Value of the `sid` cookie of a session that is logged in. */
    readonly sessionId?: string | undefined;
}

/** Who the client says it is, for messages; never a secret. */
export function describeCredentials(credentials: Credentials): string {
    if (credentials.sessionId) return "the given session";
    if (credentials.bearerToken) return "the given bearer token";
    return credentials.username ? `user "${credentials.username}"` : "no user (anonymous)";
}

/** Whether anything was given to log in with. */
export function hasCredentials(credentials: Credentials): boolean {
    return Boolean(credentials.sessionId || credentials.bearerToken || credentials.username);
}

/** The header that carries the credentials. */
export function authorization(credentials: Credentials): Record<string, string> {
    if (credentials.sessionId) return { cookie: `sid=${credentials.sessionId}` };
    if (credentials.bearerToken) return { authorization: `Bearer ${credentials.bearerToken}` };
    if (!credentials.username) return {};
    const pair = `${credentials.username}:${credentials.password ?? ""}`;
    return { authorization: `Basic ${Buffer.from(pair, "utf8").toString("base64")}` };
}
