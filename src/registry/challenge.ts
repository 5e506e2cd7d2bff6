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
    for (const [, name = "", value = ""] of rest.matchAll(/([A-Za-z_]+)\s*=\s*"([^"]*)"/g)) {
        parameters.set(name.toLowerCase(), value);
    }
    const realm = parameters.get("realm");
    return realm === undefined || !URL.canParse(realm)
        ? undefined
        : { scheme: "bearer", realm, service: parameters.get("service") };
}
