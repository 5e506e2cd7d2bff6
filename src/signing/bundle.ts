import { createHash, createPublicKey, verify } from "node:crypto";
import { asList, asRecord, asText, tryParse } from "../text/lenientJson";
import { hashOf, type Signer } from "./key";

/** Media type of Sigstore's bundle, by which Harbor and cosign recognise a signature. */
export const bundleType = "application/vnd.dev.sigstore.bundle.v0.3+json";
const payloadType = "application/vnd.in-toto+json";

/** What a signature states about an image. */
export interface Statement {
    /** Digest of the image's manifest or index. */
    readonly digest: string;
    /** URI of the predicate's type. */
    readonly predicateType: string;
    readonly predicate: object;
}

/** The type of a statement that only signs, with an empty predicate: cosign 3, pkg/types/predicate.go. */
export const signatureType = "https://sigstore.dev/cosign/sign/v1";

/**
 * Signs a statement about an image: an in-toto statement in a DSSE envelope in a Sigstore bundle, as
 * `cosign sign` and `cosign attest` of cosign 3 write it for a key.
 */
export async function signedBundle(
    { digest, predicateType, predicate }: Statement,
    signer: Signer,
): Promise<string> {
    const [algorithm = "", hex] = digest.split(":");
    const payload = JSON.stringify({
        _type: "https://in-toto.io/Statement/v1",
        subject: [{ digest: { [algorithm]: hex } }],
        predicateType,
        predicate,
    });
    const signed = await signer.sign(preAuthEncoding(payload));
    const der = createPublicKey(signer.publicKey).export({ type: "spki", format: "der" });
    return JSON.stringify({
        mediaType: bundleType,
        verificationMaterial: {
            publicKey: { hint: createHash("sha256").update(der).digest("base64") },
        },
        dsseEnvelope: {
            payload: Buffer.from(payload).toString("base64"),
            payloadType,
            signatures: [{ sig: Buffer.from(signed).toString("base64") }],
        },
    });
}

/**
 * Reads a bundle, whoever wrote it.
 *
 * @returns the statement; undefined unless `publicKey` verifies it.
 */
export function verifiedStatement(bundle: string, publicKey: string): Statement | undefined {
    const envelope = asRecord(asRecord(tryParse(bundle))["dsseEnvelope"]);
    const payload = Buffer.from(asText(envelope["payload"]), "base64").toString("utf8");
    const [signed] = asList(envelope["signatures"]).map(asRecord);
    const signature = Buffer.from(asText(signed?.["sig"]), "base64");
    const key = createPublicKey(publicKey);
    const isPayload = envelope["payloadType"] === payloadType;
    if (!isPayload || !verify(hashOf(key), preAuthEncoding(payload), key, signature))
        return undefined;
    const { subject, predicateType, predicate } = asRecord(tryParse(payload));
    const digests = asRecord(asRecord(asList(subject)[0])["digest"]);
    return {
        digest: `sha256:${asText(digests["sha256"])}`,
        predicateType: asText(predicateType),
        predicate: asRecord(predicate),
    };
}

/** What DSSE signs: https://github.com/secure-systems-lab/dsse/blob/v1.0.2/protocol.md */
function preAuthEncoding(payload: string): Buffer {
    const length = Buffer.byteLength(payload);
    return Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${length} ${payload}`);
}
