import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as tls from "node:tls";
import { reasonOf } from "../text/reason";

/**
 * Where Linux distributions keep their certificates; the list and order of Go's
 * crypto/x509/root_linux.go (1.26).
 */
const systemBundles = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

const certificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * Whether Go programs, such as the docker-build plugin, ask the system's verifier and read no
 * variable. Source: Go 1.26, crypto/x509/verify.go and root_{windows,darwin}.go.
 */
function hasSystemVerifier(platform: NodeJS.Platform): boolean {
    return platform === "win32" || platform === "darwin";
}

/** How to make Go programs and Node.js on this machine trust a certificate. */
export function trustFix(certificate: string, platform = process.platform): string {
    return hasSystemVerifier(platform)
        ? `Fix: add ${certificate} to the system's trusted root certificates where you run pulumi`
        : `Fix: set SSL_CERT_FILE to a PEM file with ${certificate} where you run pulumi`;
}

/**
 * Certificates to trust: Node's own, those of `NODE_EXTRA_CA_CERTS`, and what Go programs trust on
 * the same machine, so that Harbor is trusted here whenever the docker-build plugin trusts it.
 *
 * @throws Error naming the variable when its file cannot be read.
 */
function trustedCertificates(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string[] {
    const extra = env["NODE_EXTRA_CA_CERTS"];
    const given = extra ? readBundle("NODE_EXTRA_CA_CERTS", extra).match(certificate) : [];
    // Node.js reads the system's store since 22.15.
    const store = hasSystemVerifier(platform) ? tls.getCACertificates?.("system") : [];
    return [
        ...new Set([
            ...tls.rootCertificates,
            ...(given ?? []),
            ...(store ?? []),
            ...goCertificates(env),
        ]),
    ];
}

/**
 * Certificates that Go programs trust on Linux, the docker-build plugin among them: the bundle
 * that `SSL_CERT_FILE` names, else the system's, and those in the folders of `SSL_CERT_DIR`, else of
 * the system's folder, which is the source of the system's bundle. Source: Go 1.26,
 * crypto/x509/root_unix.go.
 *
 * @throws Error naming the variable when its file cannot be read.
 */
function goCertificates(env: NodeJS.ProcessEnv): string[] {
    const file = env["SSL_CERT_FILE"];
    const folders = env["SSL_CERT_DIR"];
    const texts = [
        ...(file ? [readBundle("SSL_CERT_FILE", file)] : []),
        ...(folders ? folders.split(":").flatMap(textsIn) : []),
        ...(file && folders ? [] : [systemBundle()]),
    ];
    return [...new Set(texts.flatMap((pem) => pem.match(certificate) ?? []))];
}

/** Whose certificates to trust. */
export const Trust = {
    /** {@link trustedCertificates} */
    NodeAndGo: "nodeAndGo",
    /** {@link goCertificates} */
    Go: "go",
} as const;
export type Trust = (typeof Trust)[keyof typeof Trust];

const certificatesOf = { nodeAndGo: trustedCertificates, go: goCertificates };
const contexts = new Map<string, tls.SecureContext>();

/**
 * A TLS context that trusts these certificates. Reading them takes 20 ms, so a process reads them once,
 * as Go and Node do, and all connections share the context.
 *
 * @throws Error naming the variable when its file cannot be read.
 */
export function trustingContext(
    trust: Trust,
    env: NodeJS.ProcessEnv,
    platform = process.platform,
): tls.SecureContext {
    const variables = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR"];
    const key = JSON.stringify([trust, platform, ...variables.map((name) => env[name])]);
    const known = contexts.get(key);
    if (known !== undefined) return known;
    const context = tls.createSecureContext({
        ca: certificatesOf[trust](env, platform),
        // Like Go: a trusted intermediate authority needs no root.
        allowPartialTrustChain: true,
    });
    contexts.set(key, context);
    return context;
}

function readBundle(variable: string, path: string): string {
    try {
        return readFileSync(path, "utf8");
    } catch (cause) {
        const detail = reasonOf(cause);
        throw new Error(`${variable}: ${path} cannot be read: ${detail}`, { cause });
    }
}

function systemBundle(): string {
    for (const path of systemBundles) {
        const text = tryRead(path);
        if (text !== undefined) return text;
    }
    return "";
}

function textsIn(folder: string): string[] {
    try {
        return readdirSync(folder).map((name) => tryRead(join(folder, name)) ?? "");
    } catch {
        return [];
    }
}

function tryRead(path: string): string | undefined {
    try {
        return readFileSync(path, "utf8");
    } catch {
        return undefined;
    }
}
