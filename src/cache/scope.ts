import { tagLengthMax } from "../oci/reference";
import { shortHash } from "../text/shortHash";
import { trimEnd } from "../text/trimEnd";

/** Longest readable part of a scope or stage name in a cache tag, in characters. */
const readableLengthMax = 50;

/**
 * Encodes a cache scope or a stage name for a tag, so that different names never conflict.
 *
 * A name of up to 50 lower-case letters, digits, `.` and `-` that starts and ends with a letter or
 * digit stays as it is. Any other name becomes its readable part, `_h` (which no plain name contains)
 * and ten hexadecimal digits of its SHA-256.
 */
export function encodeScopePart(name: string): string {
    if (/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/.test(name) && name.length <= readableLengthMax) {
        return name;
    }
    const readable = name
        .toLowerCase()
        .replace(/[^a-z0-9.-]+/g, "-")
        .replace(/^[.-]+/, "")
        .slice(0, readableLengthMax);
    return `${trimEnd(readable, ".-")}${hashOf(name)}`;
}

function hashOf(text: string): string {
    return `_h${shortHash(text)}`;
}

/** What the tags of caches start with in a repository that also has the tags of images. */
export const sharedRepositoryPrefix = "cache.";

/** Identifies one cache of a scope: a builder stage's or the app image's, for one platform. */
export interface CacheKey {
    readonly scope: string;
    /** Undefined for the app image. */
    readonly stage?: string | undefined;
    /** Undefined for a single platform. */
    readonly platform?: string | undefined;
    /** What the tag starts with. @default nothing */
    readonly prefix?: string | undefined;
}

/**
 * The tag of a cache: its parts, joined by `__`, which no part contains. A part may contain `-`, `--`
 * and `.`, which therefore cannot separate parts. If the tag would be too long, a hash of the whole
 * tag replaces its end.
 */
export function cacheTag({ scope, stage, platform, prefix = "" }: CacheKey): string {
    const parts = [
        encodeScopePart(scope),
        stage === undefined ? "" : encodeScopePart(stage),
        platform === undefined ? "" : encodeScopePart(platform),
    ];
    while (parts.at(-1) === "") parts.pop();
    const tag = `${prefix}${parts.join("__")}`;
    const hash = hashOf(tag);
    return tag.length <= tagLengthMax ? tag : `${tag.slice(0, tagLengthMax - hash.length)}${hash}`;
}
