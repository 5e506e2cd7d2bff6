import { replaceStrayBytes } from "../dockerfile/bytes";
import { trimSpace } from "../dockerfile/words";
import { cleanPattern, patternFault } from "./matcher";

/** One pattern of an ignore file, with its line. */
export interface IgnorePattern {
    /** Counted from 1. */
    readonly line: number;
    /** As written, without blanks at the ends. */
    readonly written: string;
    /** Cleaned, as {@link PatternMatcher} expects it. */
    readonly pattern: string;
}

/** A dockerignore file. */
export interface IgnoreFile {
    /** The name in messages: `.dockerignore`, `Dockerfile.dockerignore`. */
    readonly name: string;
    /** The whole text. */
    readonly text: string;
    readonly patterns: readonly IgnorePattern[];
    /** The first pattern that BuildKit accepts and this package does not support. */
    readonly unmodelled?: IgnorePattern;
}

/** A pattern that BuildKit rejects. */
export interface BadPattern {
    readonly line: number;
    readonly reason: string;
}

/** Reads a dockerignore file as BuildKit does; malformed patterns are returned, not thrown. */
export function readIgnoreFile(
    name: string,
    text: string,
): { file: IgnoreFile; failures: readonly BadPattern[] } {
    const patterns: IgnorePattern[] = [];
    const failures: BadPattern[] = [];
    let unmodelled: IgnorePattern | undefined;
    for (const [index, raw] of text
        .replace(/^\ufeff/, "")
        .split("\n")
        .entries()) {
        const line = index + 1;
        const written = trimSpace(raw);
        if (raw.startsWith("#") || written === "") continue;
        const negated = written.startsWith("!");
        const path = negated ? trimSpace(written.slice(1)) : written;
        const cleaned = path === "" ? "" : cleanPattern(path).replace(/^\/(?!$)/, "");
        // BuildKit passes patterns on as JSON, where a byte that is not valid UTF-8 becomes U+FFFD.
        const pattern = replaceStrayBytes(negated ? `!${cleaned}` : cleaned);
        const entry = { line, written, pattern };
        // BuildKit cleans "!/" again, which leaves nothing.
        if (negated && (cleaned === "" || cleaned === "/")) {
            failures.push({ line, reason: `"${written}" negates nothing` });
            continue;
        }
        const fault = patternFault(entry.pattern);
        if (fault === "malformed") {
            failures.push({ line, reason: `"${written}" is not a pattern` });
            continue;
        }
        if (fault === "unmodelled") unmodelled ??= entry;
        patterns.push(entry);
    }
    return { file: { name, text, patterns, unmodelled }, failures };
}
