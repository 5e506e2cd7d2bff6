import { createHash } from "node:crypto";
import { tagLengthMax } from "../oci/reference";

/** Longest part of a scope or stage name that is kept readable in a cache tag, in characters. */
const readableLengthMax = 50;

/**
 * Encodes a cache scope or a stage name so that it fits a tag and two different names never meet.
 *
 * A name of lower-case letters, digits, `.` and `-` (starting and ending in a letter or digit) of up
 * to 50 characters stands for itself. Any other gets its readable part and ten hexadecimal digits of
 * its SHA-256 behind `_h`, which no plain name contains.
 */
export function encodeScopePart(name: string): string {
    if (/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/.test(name) && name.length <= readableLengthMax) {
        return name;
    }
    const readable = name
        .toLowerCase()
        .replace(/[^a-z0-9.-]+/g, "-")
        .replace(/^[.-]+/, "")
        .slice(0, readableLengthMax)
        .replace(/[.-]+$/, "");
    return `${readable}${hashOf(name)}`;
}

function hashOf(text: string): string {
    return `_h${createHash("sha256").update(text).digest("hex").slice(0, 10)}`;
}

/** Which cache of a scope: of a builder stage or of the app image, for one of several platforms. */
export interface CacheKey {
    readonly scope: string;
    /** Undefined for the app image. */
    readonly stage?: string | undefined;
    /** Undefined when one platform is built. */
    readonly platform?: string | undefined;
}

/**
 * The tag of a cache: its parts, of which none contains `__`, joined by it. Of a tag that would be
 * too long the rest is replaced by a hash of the whole.
 */
export function cacheTag({ scope, stage, platform }: CacheKey): string {
    const parts = [
        encodeScopePart(scope),
        stage === undefined ? "" : encodeScopePart(stage),
        platform === undefined ? "" : encodeScopePart(platform),
    ];
    const tag = parts.join("__").replace(/(?:__)+$/, "");
    const hash = hashOf(tag);
    return tag.length <= tagLengthMax ? tag : `${tag.slice(0, tagLengthMax - hash.length)}${hash}`;
}
