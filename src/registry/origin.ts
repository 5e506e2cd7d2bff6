import { RequestError, RequestErrorKind } from "../http/error";
import { isLoopback } from "../http/loopback";

/**
 * The addresses of a registry's host, in the order in which to try them.
 *
 * For the host in `url`, the scheme of `url` applies. Any other host speaks TLS. As in BuildKit, a
 * loopback host may also speak plain HTTP; requests that leave the machine are never downgraded.
 */
export function registryOrigins(server: string, url: string | undefined): readonly string[] {
    const known = url !== undefined && URL.canParse(url) ? new URL(url) : undefined;
    if (known?.host === server && /^https?:$/.test(known.protocol)) {
        return [known.origin];
    }
    const secure = `https://${server}`;
    const isLocal = URL.canParse(secure) && isLoopback(new URL(secure).hostname);
    return isLocal ? [secure, `http://${server}`] : [secure];
}

/** Whether `error` means that the server does not speak TLS. */
export function speaksPlainHttp(error: unknown): boolean {
    return (
        error instanceof RequestError &&
        error.kind === RequestErrorKind.Tls &&
        error.reason.includes("does not speak TLS")
    );
}
