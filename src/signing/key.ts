import {
    createHash,
    createPrivateKey,
    createPublicKey,
    type KeyObject,
    sign,
    verify,
} from "node:crypto";
import { reasonOf } from "../text/reason";
import { openEnvelope } from "./secretBox";

/** Signs with one private key, which may be outside this process. */
export interface Signer {
    /** The public key in PEM format. */
    readonly publicKey: string;
    /** Signs data: with SHA-256, except for Ed25519, which has a hash of its own. */
    sign(data: Uint8Array): Promise<Uint8Array>;
}

/** Why a text is not a usable key: which of the two values is wrong, and how to fix it. */
export interface KeyFault {
    readonly value: "key" | "password";
    readonly reason: string;
}

/** Types of PEM in which cosign stores encrypted keys; those of older versions have the second. */
const cosignTypes = ["ENCRYPTED SIGSTORE PRIVATE KEY", "ENCRYPTED COSIGN PRIVATE KEY"];
/** Sizes that cosign accepts (sigstore 1.10, pkg/cryptoutils/publickey.go). */
const rsaBits = [2048, 3072, 4096];
const expected =
    "Expected a private key in PEM format: the cosign.key of `cosign generate-key-pair`, or PKCS#8";

/** Keys of this process: decryption takes as long as the building of a small image. */
const known = new Map<string, Signer>();

/**
 * Reads a private key: cosign's encrypted format, PKCS#8 with or without a password, or OpenSSL's
 * formats for single algorithms.
 */
export function readSigningKey(
    key: string,
    password: string | undefined,
): Signer | { readonly fault: KeyFault } {
    const id = createHash("sha256")
        .update(JSON.stringify([key, password]))
        .digest("hex");
    const cached = known.get(id);
    if (cached !== undefined) return cached;
    const read = decode(key.trim(), password);
    if ("fault" in read) return read;
    const fault = algorithmFault(read.privateKey);
    if (fault !== undefined) return keyFault(fault);
    const made = signerOf(read.privateKey);
    known.set(id, made);
    return made;
}

/** A signer whose private key this process does not have. */
export function outsideSigner(
    publicKey: string,
    sign: (data: Uint8Array) => Promise<Uint8Array>,
): Signer | { readonly fault: KeyFault } {
    const key = decodePublic(publicKey);
    if (key === undefined) {
        return keyFault(
            "is not a public key. Expected PEM text that begins with -----BEGIN PUBLIC KEY-----. Fix: pass the public key of the signer",
        );
    }
    const fault = algorithmFault(key);
    if (fault !== undefined) return keyFault(fault);
    const signAndCheck = async (data: Uint8Array) => {
        const signed = await sign(data).catch((cause: unknown) => {
            throw new SignerFault(
                `sign.signer: its sign(data) failed (${reasonOf(cause)}). ` +
                    "Fix: check the account and the key of the service that signs. The image is pushed; the next run signs it",
                { cause },
            );
        });
        if (verify(hashOf(key), data, key, signed)) return signed;
        throw new SignerFault(
            "sign.signer: its publicKey does not verify what its sign(data) returned. " +
                "Expected a signature as Node.js's crypto.sign makes it, with SHA-256 (ECDSA in DER, RSA with PKCS#1 v1.5), or with Ed25519. " +
                "Fix: pass the public key of the key that signs, and sign the data itself",
        );
    };
    return { publicKey: pemOf(key), sign: signAndCheck };
}

/** A signer that fails, or signs with another key or in another format than it says. */
export class SignerFault extends Error {
    override name = "SignerFault" as const;
}

/** Whether a text is a public key in PEM format. */
export const isPublicKey = (text: string): boolean => decodePublic(text) !== undefined;

function decodePublic(pem: string): KeyObject | undefined {
    try {
        return pem.includes("PUBLIC KEY") ? createPublicKey(pem) : undefined;
    } catch {
        return undefined;
    }
}

const pemOf = (key: KeyObject): string => String(key.export({ type: "spki", format: "pem" }));
/** The hash that a key signs with; Ed25519 has one of its own. */
export const hashOf = ({ asymmetricKeyType }: KeyObject) =>
    asymmetricKeyType === "ed25519" ? null : "sha256";

function signerOf(privateKey: KeyObject): Signer {
    return {
        publicKey: pemOf(createPublicKey(privateKey)),
        sign: async (data) => sign(hashOf(privateKey), data, privateKey),
    };
}

type Read = { readonly privateKey: KeyObject } | { readonly fault: KeyFault };

const keyFault = (reason: string) => ({ fault: { value: "key", reason } }) as const;
const passwordFault = (reason: string) => ({ fault: { value: "password", reason } }) as const;

function decode(pem: string, password: string | undefined): Read {
    const type = /^-----BEGIN ([A-Z0-9 ]+)-----/m.exec(pem)?.[1];
    if (type === undefined) {
        return keyFault(
            `is not a key, but may be the name of a file. ${expected}. Fix: pass the content of the file`,
        );
    }
    if (!type.endsWith("PRIVATE KEY")) {
        return keyFault(`is a ${type.toLowerCase()}. ${expected}`);
    }
    // In the type, or in a header of OpenSSL's older formats.
    const isEncrypted = pem.includes("ENCRYPTED");
    if (isEncrypted && password === undefined) {
        return passwordFault("is missing: the key is encrypted. Fix: pass the key's password");
    }
    try {
        return cosignTypes.includes(type)
            ? decodeCosign(pem, password ?? "")
            : { privateKey: createPrivateKey({ key: pem, passphrase: password }) };
    } catch {
        // The words of OpenSSL do not help, and a wrong password looks like a damaged key.
        return isEncrypted && !cosignTypes.includes(type)
            ? passwordFault("does not decrypt the key. Fix: pass the password of this key")
            : keyFault(`is a damaged private key. ${expected}`);
    }
}

/** @throws Error for damaged content. */
function decodeCosign(pem: string, password: string): Read {
    const body = pem
        .split("\n")
        .filter((line) => !line.startsWith("-----"))
        .join("");
    const der = openEnvelope(Buffer.from(body, "base64").toString("utf8"), password);
    return der === undefined
        ? passwordFault("does not decrypt the key. Fix: pass the password of this key")
        : { privateKey: createPrivateKey({ key: der, format: "der", type: "pkcs8" }) };
}

function algorithmFault({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject) {
    switch (asymmetricKeyType) {
        case "ed25519":
            return undefined;
        case "ec": {
            const curve = asymmetricKeyDetails?.namedCurve;
            return curve === "prime256v1"
                ? undefined
                : `has the curve ${curve}; only P-256 (prime256v1) is supported`;
        }
        case "rsa": {
            const bits = asymmetricKeyDetails?.modulusLength ?? 0;
            return rsaBits.includes(bits)
                ? undefined
                : `is an RSA key of ${bits} bits, which cosign refuses; only ${rsaBits.join(", ")} are supported`;
        }
        default:
            return `has the algorithm ${asymmetricKeyType}; only ECDSA P-256, Ed25519 and RSA are supported`;
    }
}
