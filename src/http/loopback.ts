/**
 * Whether a host name, as `URL.hostname` returns it, is this machine: the name or the addresses that
 * Go programs reach without a proxy (golang.org/x/net, http/httpproxy).
 */
export function isLoopback(hostname: string): boolean {
    return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}
