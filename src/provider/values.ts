/** Values of a Pulumi resource by property name. */
export type Bag = Readonly<Record<string, unknown>>;

/** Whether a value is an object with named values. */
export function isBag(value: unknown): value is Bag {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value that is unknown before the update. */
export class Unknown {
    static readonly value = new Unknown();
    private constructor() {}
}

/** Decoded values, and the properties that contain secrets. */
export interface Decoded {
    readonly values: Bag;
    readonly secrets: ReadonlySet<string>;
}

// The engine's own marks: sdk/go/common/resource/plugin/rpc.go and sdk/go/common/resource/sig (v3.259.0).
const unknownMarks = new Set([
    "04da6b54-80e4-46f7-96ec-b56ff0331ba9", // text
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // flag
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // list
    "030794c1-ac77-496b-92df-f27374a8bd58", // asset
    "e48ece36-62e2-4504-bad9-02848725956a", // archive
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // object
]);
const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const outputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** Reads a struct of the engine: marks become {@link Unknown}, nulls are dropped, secrets are recorded by property. */
export function decode(struct: Bag): Decoded {
    const secrets = new Set<string>();
    const values: Record<string, unknown> = {};
    for (const [key, raw] of Object.entries(struct)) {
        const value = decodeValue(raw, () => secrets.add(key));
        if (value !== undefined) values[key] = value;
    }
    return { values, secrets };
}

function decodeValue(raw: unknown, foundSecret: () => void): unknown {
    if (raw === null || raw === undefined) return undefined;
    if (typeof raw === "string") return unknownMarks.has(raw) ? Unknown.value : raw;
    if (Array.isArray(raw)) return raw.map((item) => decodeValue(item, foundSecret));
    if (typeof raw !== "object") return raw;
    // A non-null object that is not a list has string keys.
    const entries = raw as Bag;
    if (entries[signatureKey] === secretSignature) {
        foundSecret();
        return decodeValue(entries["value"], foundSecret);
    }
    if (entries[signatureKey] === outputSignature) {
        if (entries["secret"] === true) foundSecret();
        return "value" in entries ? decodeValue(entries["value"], foundSecret) : Unknown.value;
    }
    const result: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(entries)) {
        const decoded = decodeValue(value, foundSecret);
        if (decoded !== undefined) result[key] = decoded;
    }
    return result;
}

/** Encodes values for the engine, and wraps those in `secrets` as secrets. */
export function encode(values: Bag, secrets: ReadonlySet<string>): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(values)) {
        if (value === undefined) continue;
        const plain = encodeValue(value);
        result[key] = secrets.has(key) ? { [signatureKey]: secretSignature, value: plain } : plain;
    }
    return result;
}

function encodeValue(value: unknown): unknown {
    if (value instanceof Unknown) return unknownText;
    if (value === undefined) return null;
    if (Array.isArray(value)) return value.map(encodeValue);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
        Object.entries(value)
            .filter(([, item]) => item !== undefined)
            .map(([key, item]) => [key, encodeValue(item)]),
    );
}

/** Whether `value` is or contains an unknown value. */
export function hasUnknown(value: unknown): boolean {
    if (value instanceof Unknown) return true;
    if (Array.isArray(value)) return value.some(hasUnknown);
    return typeof value === "object" && value !== null && Object.values(value).some(hasUnknown);
}
