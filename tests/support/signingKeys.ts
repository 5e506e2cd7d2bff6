import { generateKeyPairSync } from "node:crypto";

/** A key of `cosign generate-key-pair` (cosign 3.1.3), made for these tests alone. */
export const cosignKey = {
    password: "old-tower-9",
    key: `-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----
eyJrZGYiOnsibmFtZSI6InNjcnlwdCIsInBhcmFtcyI6eyJOIjo2NTUzNiwiciI6
OCwicCI6MX0sInNhbHQiOiJ1T0xsNDZQaW5FU0JRdWpkb2tvcXlOcFptNVFMZzZJ
bVdvT09yZ1F3dUE0PSJ9LCJjaXBoZXIiOnsibmFtZSI6Im5hY2wvc2VjcmV0Ym94
Iiwibm9uY2UiOiJQc3JQUkcrUUowd2IvaEo1dThYUm40ZFBxNGQ5MGREZyJ9LCJj
aXBoZXJ0ZXh0Ijoia25saGZKTGwvZDhyVEZ5M2NSei9oZlFPdTM3bTFsWTczcjJQ
bmhRclFXUkRmUG9COGRsL2puSk1TOENrdlNINEQxR2xTaDl2UGRKRDZXV1UxSVNU
Rzh1c2J4TlFSSTUzTjlNVWFPamluV0I1eEdnRE0xL2NzS2dTSmRZdHMyWGRocStP
NW5USXNVMk5nbkdRaExqVzA5ZEt4d3NVdnJlbnh5TWZZeW9nZFpJODN0WTZQZjJD
d3RtUVZ4TFl1aUZiVTFxSDl3dnRhbzZxWkE9PSJ9
-----END ENCRYPTED SIGSTORE PRIVATE KEY-----
`,
    publicKey: `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEoLFcy+KAjr3Gi604PdxQKGxgEzEI
Nu2JPFK6WAdNtz773vwxExLNmIKJDlChTuDcWhazIpvr3rL6p8Fg9ZI9Qg==
-----END PUBLIC KEY-----
`,
} as const;

/** A new pair of keys in PEM format, as PKCS#8 and SPKI. */
export function newKey(type: "p256" | "p384" | "ed25519" | "rsa1024" | "rsa2048", passphrase = "") {
    const pair = {
        p256: () => generateKeyPairSync("ec", { namedCurve: "prime256v1" }),
        p384: () => generateKeyPairSync("ec", { namedCurve: "secp384r1" }),
        ed25519: () => generateKeyPairSync("ed25519"),
        rsa1024: () => generateKeyPairSync("rsa", { modulusLength: 1024 }),
        rsa2048: () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
    }[type]();
    const cipher = passphrase === "" ? {} : { cipher: "aes-256-cbc", passphrase };
    return {
        key: String(pair.privateKey.export({ type: "pkcs8", format: "pem", ...cipher })),
        publicKey: String(pair.publicKey.export({ type: "spki", format: "pem" })),
    };
}
