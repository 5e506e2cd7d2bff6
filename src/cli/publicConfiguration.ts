import { stringify } from "yaml";
import { asRecord } from "../text/lenientJson";
import { encryptedPlaceholder, publicSalt } from "./publicPassphrase";
import { parseProjectFile } from "./pulumiProject";

/**
 * The configuration of a stack for a preview that has none of its secrets: every secret value becomes
 * a placeholder, which the public passphrase decrypts.
 */
export function publicConfiguration(fileName: string, text: string): string {
    const given = text.trim() === "" ? {} : asRecord(parseProjectFile(fileName, text).toJS());
    const { encryptedkey: _key, secretsprovider: _provider, environment: _, ...kept } = given;
    return stringify({ ...asRecord(withPlaceholders(kept)), encryptionsalt: publicSalt });
}

// A map whose only key is `secure` is a secret (sdk/go/common/resource/config/value.go).
function withPlaceholders(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(withPlaceholders);
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value);
    return entries.length === 1 && entries[0]?.[0] === "secure"
        ? { secure: encryptedPlaceholder }
        : Object.fromEntries(entries.map(([key, one]) => [key, withPlaceholders(one)]));
}
