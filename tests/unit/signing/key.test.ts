import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { describe, test } from "node:test";
import { outsideSigner, readSigningKey } from "../../../src/signing/key";
import { cosignKey, newKey } from "../../support/signingKeys";

/** The public key of a usable key, or the faulty value with the reason. */
function read(key: string, password?: string): string {
    const found = readSigningKey(key, password);
    return "fault" in found ? `${found.fault.value} ${found.fault.reason}` : found.publicKey;
}

const expected =
    "Expected a private key in PEM format: the cosign.key of `cosign generate-key-pair`, or PKCS#8";

describe("readSigningKey", () => {
    test("reads cosign's encrypted key, with the public key that cosign wrote", () => {
        assert.equal(read(cosignKey.key, cosignKey.password), cosignKey.publicKey);
    });

    for (const type of ["p256", "ed25519", "rsa2048"] as const) {
        test(`reads a key of type ${type} as PKCS#8, plain and encrypted`, () => {
            const plain = newKey(type);
            assert.equal(read(plain.key), plain.publicKey);
            const encrypted = newKey(type, "secret");
            assert.equal(read(encrypted.key, "secret"), encrypted.publicKey);
        });
    }

    test("reads OpenSSL's format for elliptic curves, and Windows line ends", () => {
        const { key, publicKey } = newKey("p256");
        const sec1 = String(createPrivateKey(key).export({ type: "sec1", format: "pem" }));
        assert.match(sec1, /BEGIN EC PRIVATE KEY/);
        assert.equal(read(sec1.replaceAll("\n", "\r\n")), publicKey);
    });

    test("reads a key once: decryption takes long", () => {
        const { key } = newKey("p256", "secret");
        const first = readSigningKey(key, "secret");
        assert.ok("sign" in first);
        assert.equal(readSigningKey(key, "secret"), first);
    });

    const older = String(
        createPrivateKey(newKey("p256").key).export({
            type: "sec1",
            format: "pem",
            cipher: "aes-256-cbc",
            passphrase: "secret",
        }),
    );
    const rsa = newKey("rsa1024").key;
    const encrypted = newKey("p256", "secret").key;
    const wrong = "password does not decrypt the key. Fix: pass the password of this key";
    const missing = "password is missing: the key is encrypted. Fix: pass the key's password";
    const damaged = cosignKey.key.replace("eyJrZGYiOnsibmFtZSI6InNjcnlwdCIs", "eyJrZGYi");
    const cases: readonly (readonly [
        name: string,
        key: string,
        password: unknown,
        fault: string,
    ])[] = [
        ["a wrong password of cosign's key", cosignKey.key, "old-tower-8", wrong],
        ["cosign's key without a password", cosignKey.key, undefined, missing],
        ["a wrong password of an encrypted PKCS#8 key", encrypted, "x", wrong],
        ["an encrypted PKCS#8 key without a password", encrypted, undefined, missing],
        ["a wrong password of an older format", older, "x", wrong],
        ["an encrypted older format without a password", older, undefined, missing],
        ["a public key", cosignKey.publicKey, undefined, `key is a public key. ${expected}`],
        [
            "the name of a file",
            "cosign.key",
            undefined,
            `key is not a key, but may be the name of a file. ${expected}. Fix: pass the content of the file`,
        ],
        [
            "a short RSA key",
            rsa,
            undefined,
            "key is an RSA key of 1024 bits, which cosign refuses; only 2048, 3072, 4096 are supported",
        ],
        [
            "another curve",
            newKey("p384").key,
            undefined,
            "key has the curve secp384r1; only P-256 (prime256v1) is supported",
        ],
        ["a damaged key", damaged, "old-tower-9", `key is a damaged private key. ${expected}`],
    ];
    for (const [name, key, password, fault] of cases) {
        test(`rejects ${name}`, () => {
            assert.equal(read(key, password as string | undefined), fault);
        });
    }
});

describe("outsideSigner", () => {
    const sign = async () => new Uint8Array();
    const faultOf = (publicKey: string) => {
        const read = outsideSigner(publicKey, sign);
        return "fault" in read ? read.fault.reason : undefined;
    };

    test("accepts the algorithms of private keys", () => {
        const types = ["p256", "ed25519", "rsa2048"] as const;
        assert.deepEqual(
            types.map((type) => faultOf(newKey(type).publicKey)),
            [undefined, undefined, undefined],
        );
    });

    test("rejects a private key, another curve and a short RSA key", () => {
        const { key } = newKey("p256");
        assert.match(faultOf(key) ?? "", /^is not a public key\. Expected PEM text/);
        assert.doesNotMatch(faultOf(key) ?? "", /PRIVATE/);
        assert.match(faultOf(newKey("p384").publicKey) ?? "", /^has the curve secp384r1;/);
        assert.match(faultOf(newKey("rsa1024").publicKey) ?? "", /^is an RSA key of 1024 bits/);
    });
});
