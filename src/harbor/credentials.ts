import { isPlaceholder } from "../text/placeholder";

/** Credentials of a client. Precedence: session, bearer token, user and password. */
export interface Credentials {
    readonly username?: string | undefined;
    readonly password?: string | undefined;
    /** OIDC id token, sent as a bearer token. */
    readonly bearerToken?: string | undefined;
    /** Value of the `sid` cookie of a logged-in session. */
    readonly sessionId?: string | undefined;
}

/** Anonymous when a placeholder stands for the secret, which this run then does not have. */
export function withoutPlaceholders<Given extends Credentials>(given: Given): Given {
    const { password, bearerToken, sessionId } = given;
    const none = { username: "", password: "", bearerToken: "", sessionId: "" };
    return [password, bearerToken, sessionId].some(isPlaceholder) ? { ...given, ...none } : given;
}

/** Describes the login in messages, without secrets. */
export function describeCredentials(credentials: Credentials): string {
    if (credentials.sessionId) return "the given session";
    if (credentials.bearerToken) return "the given bearer token";
    return credentials.username ? `user "${credentials.username}"` : "no user (anonymous)";
}

/** Whether a login name looks like that of a robot account; Harbor's prefix can be another one. */
export const isRobotName = (username: string): boolean => /^robot\$|\+/.test(username);

/** What to check when Harbor refuses the credentials. Its answer does not tell the reason. */
export function loginAdvice({ bearerToken, sessionId, username = "" }: Credentials): string {
    return !sessionId && !bearerToken && isRobotName(username)
        ? "check name and secret, and in Harbor whether the robot account is disabled or has expired"
        : "check user name and password";
}

/** Whether any credentials are given. */
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
