import { replaceStrayBytes } from "../dockerfile/bytes";
import { trimSpace } from "../dockerfile/words";
import { cleanPattern, patternFault } from "./matcher";

/** One pattern of an ignore file with its place in it. */
export interface IgnorePattern {
    /** Counted from 1. */
    readonly line: number;
    /** As written, blanks around it gone. */
    readonly written: string;
    /** Cleaned, as a matcher takes it. */
    readonly pattern: string;
}

/** A dockerignore file. */
export interface IgnoreFile {
    /** Its name in messages: `.dockerignore`, `Dockerfile.dockerignore`. */
    readonly name: string;
    /** All of it. */
    readonly text: string;
    readonly patterns: readonly IgnorePattern[];
    /** The first pattern that BuildKit takes and that is not read here. */
    readonly unmodelled?: IgnorePattern;
}

/** A pattern that BuildKit would not take. */
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
        // BuildKit passes patterns on in JSON, where a byte that is no UTF-8 becomes U+FFFD.
        const pattern = replaceStrayBytes(negated ? `!${cleaned}` : cleaned);
        const entry = { line, written, pattern };
        // BuildKit cleans "!/" once more, which leaves nothing.
        if (negated && (cleaned === "" || cleaned === "/")) {
            failures.push({ line, reason: `"${written}" negates nothing` });
            continue;
        }
        const fault = patternFault(entry.pattern);
        if (fault === "malformed") {
            failures.push({ line, reason: `"${written}" is no pattern` });
            continue;
        }
        if (fault === "unmodelled") unmodelled ??= entry;
        patterns.push(entry);
    }
    return { file: { name, text, patterns, unmodelled }, failures };
}
