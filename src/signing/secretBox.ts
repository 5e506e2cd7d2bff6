import { scryptSync, timingSafeEqual } from "node:crypto";

/**
 * What cosign puts into the PEM of an encrypted key (go-securesystemslib 0.9, encrypted/encrypted.go):
 * scrypt makes a key of the password, which opens a secretbox of NaCl.
 */
interface Envelope {
    readonly kdf: { readonly params: ScryptParameters; readonly salt: string };
    readonly cipher: { readonly nonce: string };
    readonly ciphertext: string;
}

interface ScryptParameters {
    readonly N: number;
    readonly r: number;
    readonly p: number;
}

/** Largest memory for scrypt, in bytes; cosign's own parameters take 64 MiB. */
const memoryBytesMax = 256 * 1024 * 1024;
const tagBytes = 16;
const blockBytes = 64;
/** "expand 32-byte k", the constant of Salsa20. */
const constant = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574] as const;

/**
 * Opens a secretbox.
 *
 * @returns undefined for a wrong password.
 * @throws Error for content in another format.
 */
export function openEnvelope(json: string, password: string): Buffer | undefined {
    // Node.js rejects members of other types.
    const { kdf, cipher, ciphertext } = JSON.parse(json) as Envelope;
    const { N, r, p } = kdf.params;
    const salt = Buffer.from(kdf.salt, "base64");
    const key = scryptSync(password, salt, 32, { N, r, p, maxmem: memoryBytesMax });
    return openSecretBox(
        Buffer.from(ciphertext, "base64"),
        Buffer.from(cipher.nonce, "base64"),
        key,
    );
}

/**
 * NaCl's crypto_secretbox_open: XSalsa20 and Poly1305, which Node.js's crypto does not have
 * (https://cr.yp.to/snuffle/xsalsa-20110204.pdf, https://cr.yp.to/mac/poly1305-20050329.pdf).
 *
 * @returns undefined when the key is not the box's.
 * @internal
 */
export function openSecretBox(box: Buffer, nonce: Buffer, key: Buffer): Buffer | undefined {
    if (box.length < tagBytes) return undefined;
    const subkey = hsalsa20(words(key), words(nonce.subarray(0, 16)));
    // The first 32 bytes of the stream are the key of the authenticator.
    const stream = salsa20(subkey, words(nonce.subarray(16, 24)), box.length + tagBytes);
    const sealed = box.subarray(tagBytes);
    const tag = poly1305(sealed, stream.subarray(0, 32));
    if (!timingSafeEqual(tag, box.subarray(0, tagBytes))) return undefined;
    return Buffer.from(sealed.map((byte, index) => byte ^ (stream[32 + index] ?? 0)));
}

const words = (bytes: Buffer): number[] =>
    Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readUInt32LE(index * 4));

function toBytes(numbers: readonly number[]): Buffer {
    const bytes = Buffer.alloc(numbers.length * 4);
    numbers.forEach((word, index) => {
        bytes.writeUInt32LE(word >>> 0, index * 4);
    });
    return bytes;
}

/** The input of one block: constants on the diagonal, between key and position. */
function block(key: readonly number[], position: readonly number[]): number[] {
    const [c0, c1, c2, c3] = constant;
    return [c0, ...key.slice(0, 4), c1, ...position, c2, ...key.slice(4), c3];
}

/** Which words a quarter round changes: the columns, then the rows. */
const quarters = [
    [0, 4, 8, 12],
    [5, 9, 13, 1],
    [10, 14, 2, 6],
    [15, 3, 7, 11],
    [0, 1, 2, 3],
    [5, 6, 7, 4],
    [10, 11, 8, 9],
    [15, 12, 13, 14],
] as const;

function twentyRounds(input: readonly number[]): number[] {
    const state = [...input];
    const at = (index: number): number => state[index] ?? 0;
    const mix = (target: number, first: number, second: number, bits: number) => {
        const sum = (at(first) + at(second)) | 0;
        state[target] = at(target) ^ ((sum << bits) | (sum >>> (32 - bits)));
    };
    for (let round = 0; round < 10; round++) {
        for (const [a, b, c, d] of quarters) {
            mix(b, a, d, 7);
            mix(c, b, a, 9);
            mix(d, c, b, 13);
            mix(a, d, c, 18);
        }
    }
    return state;
}

function hsalsa20(key: readonly number[], position: readonly number[]): number[] {
    const state = twentyRounds(block(key, position));
    return [0, 5, 10, 15, 6, 7, 8, 9].map((index) => state[index] ?? 0);
}

function salsa20(key: readonly number[], nonce: readonly number[], length: number): Buffer {
    const blocks = Array.from({ length: Math.ceil(length / blockBytes) }, (_, count) => {
        const input = block(key, [...nonce, count, 0]);
        const state = twentyRounds(input);
        return toBytes(state.map((word, index) => word + (input[index] ?? 0)));
    });
    return Buffer.concat(blocks).subarray(0, length);
}

const littleEndian = (bytes: Uint8Array): bigint =>
    BigInt(`0x00${Buffer.from(bytes).reverse().toString("hex")}`);

function poly1305(message: Buffer, key: Buffer): Buffer {
    const prime = (1n << 130n) - 5n;
    const factor = littleEndian(key.subarray(0, 16)) & 0x0ffffffc0ffffffc0ffffffc0fffffffn;
    let sum = 0n;
    for (let start = 0; start < message.length; start += tagBytes) {
        const part = message.subarray(start, start + tagBytes);
        sum = ((sum + littleEndian(Buffer.from([...part, 1]))) * factor) % prime;
    }
    const tag = (sum + littleEndian(key.subarray(16, 32))) & ((1n << 128n) - 1n);
    return Buffer.from(tag.toString(16).padStart(32, "0"), "hex").reverse();
}
