import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** The status of a request that is not allowed; undefined for others. */
export function refusal(
    { headers: { host = "", authorization = "" } }: Pick<IncomingMessage, "headers">,
    { token, port }: { readonly token: string; readonly port: number },
): 401 | 403 | undefined {
    // A page in the user's browser can send requests here under a host name of its own.
    if (![`127.0.0.1:${port}`, `localhost:${port}`].includes(host)) return 403;
    const given = Buffer.from(authorization);
    const expected = Buffer.from(`Bearer ${token}`);
    const isEqual = given.length === expected.length && timingSafeEqual(given, expected);
    return isEqual ? undefined : 401;
}
