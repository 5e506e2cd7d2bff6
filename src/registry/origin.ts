import { HarborError, HarborErrorKind } from "../harbor/error";

/**
 * The addresses at which a registry's host may answer, in the order in which to try them.
 *
 * A host that `url` names speaks what that says. Any other speaks TLS; a loopback one may speak
 * plain HTTP as well, as BuildKit takes it: nothing that leaves the machine is downgraded.
 */
export function registryOrigins(server: string, url: string | undefined): readonly string[] {
    const known = url !== undefined && URL.canParse(url) ? new URL(url) : undefined;
    if (known?.host === server && /^https?:$/.test(known.protocol)) {
        return [known.origin];
    }
    const secure = `https://${server}`;
    const loopback = /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/.test(server);
    return loopback ? [secure, `http://${server}`] : [secure];
}

/** Whether `error` says that the other side does not speak TLS at all. */
export function speaksPlainHttp(error: unknown): boolean {
    return (
        error instanceof HarborError &&
        error.kind === HarborErrorKind.Tls &&
        error.reason.includes("does not speak TLS")
    );
}
