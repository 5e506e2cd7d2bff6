import { readFileSync } from "node:fs";
import * as tls from "node:tls";

/** Where Linux distributions keep their certificates; the list and order of Go's crypto/x509/root_linux.go (1.26). */
const systemBundles = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/**
 * Certificates to trust: Node's own, those of `NODE_EXTRA_CA_CERTS`, and what Go programs trust on
 * the same machine (`SSL_CERT_FILE`, else the system's bundle), so that Harbor is trusted here
 * whenever the docker-build plugin trusts it.
 *
 * @throws Error naming the variable when its file cannot be read.
 */
export function trustedCertificates(env: NodeJS.ProcessEnv): string[] {
    const certificates = [...tls.rootCertificates];
    const extra = env["NODE_EXTRA_CA_CERTS"];
    if (extra) certificates.push(readBundle("NODE_EXTRA_CA_CERTS", extra));
    const file = env["SSL_CERT_FILE"];
    if (file) return [...certificates, readBundle("SSL_CERT_FILE", file)];
    for (const path of systemBundles) {
        const bundle = tryRead(path);
        if (bundle !== undefined) return [...certificates, bundle];
    }
    return certificates;
}

function readBundle(variable: string, path: string): string {
    try {
        return readFileSync(path, "utf8");
    } catch (cause) {
        const detail = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`${variable}: ${path} cannot be read: ${detail}`, { cause });
    }
}

function tryRead(path: string): string | undefined {
    try {
        return readFileSync(path, "utf8");
    } catch {
        return undefined;
    }
}
