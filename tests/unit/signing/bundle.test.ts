import assert from "node:assert/strict";
import { createHash, createPublicKey, verify } from "node:crypto";
import { describe, test } from "node:test";
import { signatureType, signedBundle, verifiedStatement } from "../../../src/signing/bundle";
import { readSigningKey } from "../../../src/signing/key";
import { newKey } from "../../support/signingKeys";

const digest = `sha256:${"a".repeat(64)}`;
const statement = { digest, predicateType: signatureType, predicate: {} };

describe("signedBundle", () => {
    for (const type of ["p256", "ed25519", "rsa2048"] as const) {
        test(`signs a statement about the digest with a key of type ${type}`, async () => {
            const { key, publicKey } = newKey(type);
            const read = readSigningKey(key, undefined);
            assert.ok("sign" in read);
            const bundle = JSON.parse(await signedBundle(statement, read));
            const der = createPublicKey(publicKey).export({ type: "spki", format: "der" });
            const hint = createHash("sha256").update(der).digest("base64");
            assert.deepEqual(
                { ...bundle, dsseEnvelope: undefined },
                {
                    mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
                    verificationMaterial: { publicKey: { hint } },
                    dsseEnvelope: undefined,
                },
            );
            const { payload, payloadType, signatures } = bundle.dsseEnvelope;
            const text = Buffer.from(payload, "base64").toString("utf8");
            assert.deepEqual(JSON.parse(text), {
                _type: "https://in-toto.io/Statement/v1",
                subject: [{ digest: { sha256: "a".repeat(64) } }],
                predicateType: "https://sigstore.dev/cosign/sign/v1",
                predicate: {},
            });
            const encoded = Buffer.from(
                `DSSEv1 28 application/vnd.in-toto+json ${text.length} ${text}`,
            );
            const bytes = Buffer.from(signatures[0].sig, "base64");
            const hash = type === "ed25519" ? null : "sha256";
            assert.equal(payloadType, "application/vnd.in-toto+json");
            assert.ok(verify(hash, encoded, publicKey, bytes));
        });
    }
});

describe("verifiedStatement", () => {
    const { key, publicKey } = newKey("p256");
    const signed = (more: object = {}) => {
        const read = readSigningKey(key, undefined);
        assert.ok("sign" in read);
        return signedBundle({ ...statement, ...more }, read);
    };

    for (const type of ["p256", "ed25519", "rsa2048"] as const) {
        test(`reads what a key of type ${type} signed`, async () => {
            const pair = newKey(type);
            const read = readSigningKey(pair.key, undefined);
            assert.ok("sign" in read);
            const bundle = await signedBundle({ ...statement, predicate: { a: "ä" } }, read);
            assert.deepEqual(verifiedStatement(bundle, pair.publicKey), {
                ...statement,
                predicate: { a: "ä" },
            });
        });
    }

    test("refuses another key, another statement under the same signature, and another type", async () => {
        const bundle = JSON.parse(await signed());
        const other = JSON.parse(await signed({ digest: `sha256:${"b".repeat(64)}` }));
        const { dsseEnvelope } = bundle;
        const { payload } = other.dsseEnvelope;
        const verified = (envelope: object, pem: string = publicKey) =>
            verifiedStatement(JSON.stringify({ dsseEnvelope: envelope }), pem);
        assert.ok(verified(dsseEnvelope));
        assert.equal(verified(dsseEnvelope, newKey("p256").publicKey), undefined);
        assert.equal(verified({ ...dsseEnvelope, payload }), undefined);
        assert.equal(verified({ ...dsseEnvelope, payloadType: "text/plain" }), undefined);
        assert.equal(verified({ ...dsseEnvelope, signatures: [] }), undefined);
        assert.equal(verifiedStatement("no JSON", publicKey), undefined);
    });
});
