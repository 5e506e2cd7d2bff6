import { isLoopback } from "../http/loopback";
import { trimEnd } from "../text/trimEnd";

// The provider, the hooks and the commands all read Harbor's address and switches with this table
// and these functions.

/** The provider's configuration keys that a variable of the environment replaces. */
export const settingVariables = {
    url: "HARBOR_URL",
    username: "HARBOR_USERNAME",
    password: "HARBOR_PASSWORD",
    bearerToken: "HARBOR_BEARER_TOKEN",
    sessionId: "HARBOR_SESSION_ID",
    insecure: "HARBOR_IGNORE_CERT",
} as const;

/** Why a text is not a Harbor address; undefined when it is valid. */
export function addressFault(url: string): string | undefined {
    const shown = withoutLogin(url);
    if (!/^https?:\/\//i.test(url)) {
        return `"${shown}" is not an address; write https://${shown.replace(/^([a-z]*:)?\/+/i, "") || "host"}`;
    }
    if (!URL.canParse(url)) return `"${shown}" is not an address; expected https://host[:port]`;
    const parsed = new URL(url);
    if (parsed.username || parsed.password) {
        return "the address must not contain credentials; set username and password";
    }
    if (parsed.search || parsed.hash) return `"${shown}" has a query; expected https://host[:port]`;
    return undefined;
}

/** A text that may be an address, without user information and query: both may contain secrets. */
export function withoutLogin(url: string): string {
    const [place = "", ...query] = url.split(/[?#]/, 2);
    const at = place.lastIndexOf("@");
    const [scheme = ""] = /^[a-z]*:\/+/i.exec(place) ?? [];
    const open = at < 0 ? place : `${scheme}${place.slice(at + 1)}`;
    return query.length === 0 ? open : `${open}?…`;
}

/** Whether requests to an address leave this machine unencrypted. */
export function sendsInTheClear(url: string): boolean {
    if (!URL.canParse(url)) return false;
    const { protocol, hostname } = new URL(url);
    return protocol === "http:" && !isLoopback(hostname);
}

/**
 * An address without the path of the API or of the portal's start page, which users often copy with
 * it.
 */
export function baseAddress(url: string): string {
    return trimEnd(url, "/").replace(/\/(api(\/v2\.0)?|harbor)$/, "");
}

/** The value of a variable that is on or off; undefined for other values. */
export function parseSwitch(value: string): boolean | undefined {
    if (/^(1|t|true|yes)$/i.test(value)) return true;
    return /^(0|f|false|no)$/i.test(value) ? false : undefined;
}
