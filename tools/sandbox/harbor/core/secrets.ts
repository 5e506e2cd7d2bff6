import { pbkdf2Sync, randomBytes, randomInt, timingSafeEqual } from "node:crypto";

const iterations = 4096;
const keyBytes = 32;

/** Harbor's rule for passwords and robot secrets. */
export function isStrong(secret: string): boolean {
    return (
        secret.length >= 8 &&
        secret.length <= 128 &&
        /[A-Z]/.test(secret) &&
        /[a-z]/.test(secret) &&
        /[0-9]/.test(secret)
    );
}

/** A new secret like Harbor's: 32 letters and digits, with at least one of every class. */
export function newSecret(): string {
    const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    for (;;) {
        const secret = Array.from({ length: 32 }, () => letters[randomInt(letters.length)]).join(
            "",
        );
        if (isStrong(secret)) {
            return secret;
        }
    }
}

const derive = (secret: string, salt: Buffer): Buffer =>
    pbkdf2Sync(secret, salt, iterations, keyBytes, "sha256");

/** Salted hash of a secret; the secret itself is never stored. */
export function hashSecret(secret: string): string {
    const salt = randomBytes(16);
    return `${salt.toString("hex")}:${derive(secret, salt).toString("hex")}`;
}

export function verifySecret(secret: string, hash: string): boolean {
    const [salt = "", key = ""] = hash.split(":");
    const expected = Buffer.from(key, "hex");
    const found = derive(secret, Buffer.from(salt, "hex"));
    return expected.length === found.length && timingSafeEqual(expected, found);
}
