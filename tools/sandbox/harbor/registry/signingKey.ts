import {
    createHash,
    createPrivateKey,
    createPublicKey,
    generateKeyPairSync,
    type KeyObject,
    randomBytes,
} from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { jwtVerify, SignJWT } from "jose";
import { writeAtomically } from "../../files";

const issuer = "harbor-token-issuer";
export const tokenService = "harbor-registry";
const algorithm = "RS256";

/** The rights of a token in one repository. */
export interface Grant {
    readonly type: string;
    readonly name: string;
    readonly actions: readonly string[];
}

/** Fingerprint of a public key in libtrust's form: twelve groups of four letters. */
function keyIdOf(key: KeyObject): string {
    const der = key.export({ type: "spki", format: "der" });
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    const bits = [...createHash("sha256").update(der).digest().subarray(0, 30)]
        .map((byte) => byte.toString(2).padStart(8, "0"))
        .join("");
    const letters = (bits.match(/.{5}/g) ?? []).map((five) => alphabet[Number.parseInt(five, 2)]);
    return (letters.join("").match(/.{4}/g) ?? []).join(":");
}

/** The key that signs registry tokens, kept in the data directory. */
export class SigningKey {
    readonly #private: KeyObject;
    readonly #public: KeyObject;
    readonly #keyId: string;

    private constructor(pem: string) {
        this.#private = createPrivateKey(pem);
        this.#public = createPublicKey(this.#private);
        this.#keyId = keyIdOf(this.#public);
    }

    static open(dataDir: string): SigningKey {
        const path = join(dataDir, "token.key.pem");
        if (!existsSync(path)) {
            const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
            writeAtomically(
                path,
                String(privateKey.export({ type: "pkcs8", format: "pem" })),
                0o600,
            );
        }
        return new SigningKey(readFileSync(path, "utf8"));
    }

    /** Signs a token; without a subject it is an anonymous one. */
    async sign(
        subject: string | undefined,
        access: readonly Grant[] | null,
        seconds: number,
    ): Promise<{ token: string; issuedAt: number }> {
        const issuedAt = Math.floor(Date.now() / 1000);
        const jwt = new SignJWT({ access })
            .setProtectedHeader({ alg: algorithm, kid: this.#keyId, typ: "JWT" })
            .setIssuer(issuer)
            .setAudience(tokenService)
            .setIssuedAt(issuedAt)
            .setNotBefore(issuedAt)
            .setExpirationTime(issuedAt + seconds)
            .setJti(randomBytes(16).toString("hex"));
        if (subject !== undefined) {
            jwt.setSubject(subject);
        }
        return { token: await jwt.sign(this.#private), issuedAt };
    }

    /** The grants of a token; undefined when the token is foreign or has expired. */
    async verify(token: string): Promise<readonly Grant[] | undefined> {
        try {
            const { payload } = await jwtVerify(token, this.#public, {
                issuer,
                audience: tokenService,
                algorithms: [algorithm],
            });
            const access = payload["access"];
            // The signature proves that sign() wrote the claim, so it has sign()'s shape.
            return Array.isArray(access) ? (access as Grant[]) : [];
        } catch {
            return undefined;
        }
    }
}
