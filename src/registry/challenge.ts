import { isLoopback } from "../http/loopback";

/** A registry's challenge in `WWW-Authenticate`. */
export type Challenge =
    | { readonly scheme: "basic" }
    | { readonly scheme: "bearer"; readonly realm: string; readonly service: string | undefined };

/**
 * Reads the challenge of a 401. Grammar: RFC 9110 §11.6.1; parameters of a bearer challenge:
 * https://distribution.github.io/distribution/spec/auth/token/.
 *
 * @returns undefined without a challenge that the client can answer.
 */
export function parseChallenge(header: string | undefined): Challenge | undefined {
    const [, scheme = "", rest = ""] = /^\s*([A-Za-z]+)\s*(.*)$/s.exec(header ?? "") ?? [];
    if (scheme.toLowerCase() === "basic") {
        return { scheme: "basic" };
    }
    if (scheme.toLowerCase() !== "bearer") {
        return undefined;
    }
    const parameters = new Map<string, string>();
    for (const [, name = "", value = ""] of rest.matchAll(
        /(?<![A-Za-z_])([A-Za-z_]+)\s*=\s*"([^"]*)"/g,
    )) {
        parameters.set(name.toLowerCase(), value);
    }
    const realm = parameters.get("realm") ?? "";
    return URL.canParse(realm) && /^https?:/.test(realm)
        ? { scheme: "bearer", realm, service: parameters.get("service") }
        : undefined;
}

/**
 * Why the client does not send a login to the token service that a registry names; undefined when
 * it may, or has no login to send. A service on another host is common: Docker Hub's is
 * auth.docker.io. Harbor serves its own tokens.
 */
export function realmFault(
    realm: URL,
    origin: URL,
    { isHarbor, sendsLogin }: { readonly isHarbor: boolean; readonly sendsLogin: boolean },
): string | undefined {
    if (!sendsLogin) return undefined;
    const sends = `${origin.origin} sends logins to ${realm.origin}`;
    const isLocal = isLoopback(realm.hostname) && isLoopback(origin.hostname);
    const staysPlain = origin.protocol === "http:" && (isLocal || realm.host === origin.host);
    if (realm.protocol === "http:" && !staysPlain) {
        return `${sends}, where the password would travel unencrypted; its external URL must be https`;
    }
    return isHarbor && realm.host !== origin.host
        ? `${sends}, another host, which does not get the password; give Harbor's external URL as its address`
        : undefined;
}
