import { createPrivateKey, randomBytes, webcrypto } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { writeAtomically } from "./files";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const dayMs = 86_400_000;
const authorityDays = 3650;
const serverDays = 397;
const renewDays = 30;

/** Paths of PEM files. */
export interface Certificates {
    readonly caFile: string;
    readonly certificateFile: string;
    readonly keyFile: string;
}

interface Pair {
    readonly certificate: x509.X509Certificate;
    readonly keys: CryptoKeyPair;
}

type CryptoKeyPair = webcrypto.CryptoKeyPair;

/** Paths of the certificates in a folder, whether they exist or not. */
export const certificatesIn = (folder: string): Certificates => ({
    caFile: join(folder, "ca.pem"),
    certificateFile: join(folder, "server.pem"),
    keyFile: join(folder, "server.key.pem"),
});

/** The sandbox's own authority and a certificate for this machine's loopback names. */
export async function ensureCertificates(folder: string): Promise<Certificates> {
    const paths = certificatesIn(folder);
    const caKeyFile = join(folder, "ca.key.pem");
    if (isFresh(paths.certificateFile) && existsSync(paths.keyFile) && isFresh(paths.caFile)) {
        return paths;
    }
    const authority =
        isFresh(paths.caFile) && existsSync(caKeyFile)
            ? await readPair(paths.caFile, caKeyFile)
            : await newAuthority(paths.caFile, caKeyFile);
    const server = await newServer(authority);
    writeAtomically(paths.keyFile, await keyPem(server.keys), 0o600);
    writeAtomically(paths.certificateFile, server.certificate.toString("pem"));
    return paths;
}

function isFresh(path: string): boolean {
    if (!existsSync(path)) {
        return false;
    }
    const { notAfter } = new x509.X509Certificate(readFileSync(path, "utf8"));
    return notAfter.getTime() - Date.now() > renewDays * dayMs;
}

const newKeys = (): Promise<CryptoKeyPair> =>
    webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);

const serialNumber = (): string => `0${randomBytes(15).toString("hex")}`;

function validity(days: number): { notBefore: Date; notAfter: Date } {
    const yesterday = Date.now() - dayMs;
    return { notBefore: new Date(yesterday), notAfter: new Date(yesterday + days * dayMs) };
}

async function newAuthority(caFile: string, keyFile: string): Promise<Pair> {
    const keys = await newKeys();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
        serialNumber: serialNumber(),
        name: "CN=harbor-build sandbox authority",
        ...validity(authorityDays),
        signingAlgorithm: algorithm,
        keys,
        extensions: [
            new x509.BasicConstraintsExtension(true, 0, true),
            new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
            await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
        ],
    });
    writeAtomically(keyFile, await keyPem(keys), 0o600);
    writeAtomically(caFile, certificate.toString("pem"));
    return { certificate, keys };
}

async function newServer(authority: Pair): Promise<Pair> {
    const keys = await newKeys();
    const names: x509.JsonGeneralNames = [
        { type: "ip", value: "127.0.0.1" },
        { type: "ip", value: "::1" },
        { type: "dns", value: "localhost" },
    ];
    const certificate = await x509.X509CertificateGenerator.create({
        serialNumber: serialNumber(),
        subject: "CN=harbor-build sandbox",
        issuer: authority.certificate.subject,
        ...validity(serverDays),
        signingAlgorithm: algorithm,
        publicKey: keys.publicKey,
        signingKey: authority.keys.privateKey,
        extensions: [
            new x509.BasicConstraintsExtension(false, undefined, true),
            new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
            // Also a client's, for mutual TLS between programs of the sandbox.
            new x509.ExtendedKeyUsageExtension([
                x509.ExtendedKeyUsage.serverAuth,
                x509.ExtendedKeyUsage.clientAuth,
            ]),
            new x509.SubjectAlternativeNameExtension(names),
            await x509.AuthorityKeyIdentifierExtension.create(authority.keys.publicKey),
        ],
    });
    return { certificate, keys };
}

async function keyPem(keys: CryptoKeyPair): Promise<string> {
    const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
    const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
    return String(key.export({ format: "pem", type: "pkcs8" }));
}

async function readPair(certificateFile: string, keyFile: string): Promise<Pair> {
    const certificate = new x509.X509Certificate(readFileSync(certificateFile, "utf8"));
    const der = createPrivateKey(readFileSync(keyFile, "utf8")).export({
        format: "der",
        type: "pkcs8",
    });
    const privateKey = await webcrypto.subtle.importKey("pkcs8", der, algorithm, true, ["sign"]);
    const publicKey = await webcrypto.subtle.importKey(
        "spki",
        certificate.publicKey.rawData,
        algorithm,
        true,
        ["verify"],
    );
    return { certificate, keys: { privateKey, publicKey } };
}
