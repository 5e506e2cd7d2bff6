import { cleanPattern, isPattern } from "./matcher";

/** One pattern of an ignore file with its place in it. */
export interface IgnorePattern {
    /** Counted from 1. */
    readonly line: number;
    /** As written, blanks around it gone. */
    readonly written: string;
    /** Cleaned, as a {@link PatternMatcher} takes it. */
    readonly pattern: string;
}

/** A dockerignore file. */
export interface IgnoreFile {
    /** Its name in messages: `.dockerignore`, `Dockerfile.dockerignore`. */
    readonly name: string;
    readonly patterns: readonly IgnorePattern[];
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
    const lines = text.replace(/^\ufeff/, "").split("\n");
    for (const [index, raw] of lines.entries()) {
        const line = index + 1;
        const written = raw.trim();
        if (raw.startsWith("#") || written === "") continue;
        const negated = written.startsWith("!");
        const path = (negated ? written.slice(1) : written).trim();
        const cleaned = path === "" ? "" : cleanPattern(path).replace(/^\/(?=.)/, "");
        // BuildKit cleans "!/" once more, which leaves nothing.
        if (cleaned === "" || (negated && cleaned === "/"))
            failures.push({ line, reason: `"${written}" negates nothing` });
        else if (!isPattern(cleaned)) failures.push({ line, reason: `"${written}" is no pattern` });
        else patterns.push({ line, written, pattern: negated ? `!${cleaned}` : cleaned });
    }
    return { file: { name, patterns }, failures };
}
