import { asRecord } from "../text/lenientJson";
import { placeholder } from "../text/placeholder";

// sdk/go/common/resource/properties.go of Pulumi 3.259: SigKey and SecretSig.
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** A state without its secrets. */
export interface SecretFree {
    readonly value: unknown;
    /** Property paths of the replaced secrets. */
    readonly paths: readonly string[];
    /** The secrets in plain text, as JSON values; only for the search for copies of them. */
    readonly secrets: readonly unknown[];
}

/**
 * Replaces every secret of an exported state by a placeholder. `encrypted` is the export as Pulumi
 * writes it, so that a secret in a form that this function does not know stays encrypted; `plain` is the
 * same state with `--show-secrets`, of which only the shape of the secrets enters the result.
 */
export function withoutSecrets(encrypted: unknown, plain: unknown, path = ""): SecretFree {
    if (asRecord(encrypted)[signatureKey] === secretSignature) {
        const secret = parsed(asRecord(plain)["plaintext"]);
        const plaintext = JSON.stringify(shapeOf(secret));
        const value = { [signatureKey]: secretSignature, plaintext };
        return { value, paths: [path], secrets: [secret] };
    }
    if (typeof encrypted !== "object" || encrypted === null) {
        return { value: encrypted, paths: [], secrets: [] };
    }
    const isList = Array.isArray(encrypted);
    const parts = Object.entries(encrypted).map(([key, member]) => {
        const below = isList ? `${path}[${key}]` : `${path}${path === "" ? "" : "."}${key}`;
        return [key, withoutSecrets(member, asRecord(plain)[key], below)] as const;
    });
    const values = parts.map(([key, { value }]) => [key, value] as const);
    return {
        value: isList ? values.map(([, value]) => value) : Object.fromEntries(values),
        paths: parts.flatMap(([, part]) => part.paths),
        secrets: parts.flatMap(([, part]) => part.secrets),
    };
}

// Providers reject a text where they expect a list or a map.
function shapeOf(secret: unknown): unknown {
    if (Array.isArray(secret)) return secret.map(shapeOf);
    if (typeof secret === "number") return 0;
    if (typeof secret === "boolean") return false;
    return typeof secret === "object" && secret !== null
        ? Object.fromEntries(Object.entries(secret).map(([key, one]) => [key, shapeOf(one)]))
        : placeholder;
}

function parsed(plaintext: unknown): unknown {
    try {
        return JSON.parse(String(plaintext));
    } catch {
        return plaintext;
    }
}
