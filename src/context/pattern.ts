import { replaceStrayBytes } from "../dockerfile/bytes";
import { compileGlob } from "./glob";

/** Returns whether a path itself matches; matches of parent directories do not count. */
export type PathTest = (path: string) => boolean;

/**
 * Reads a dockerignore-style pattern as moby's patternmatcher does. It compares plain patterns, and
 * patterns with `**` only at one end, as text. It turns other patterns into Go regular expressions.
 *
 * @param pattern cleaned, without `!`
 * @returns `malformed` for a pattern that BuildKit rejects; `unmodelled` for a pattern that
 * BuildKit accepts and this package does not support, such as `[[:digit:]]` and `\d`
 */
export function compilePattern(pattern: string): PathTest | "malformed" | "unmodelled" {
    if (compileGlob(pattern) === undefined) return "malformed";
    const { kind, expression } = readPattern(replaceStrayBytes(pattern));
    if (kind === "exact") return (path) => path === pattern;
    if (kind === "prefix") {
        const prefix = pattern.slice(0, -2);
        return (path) => path.startsWith(prefix);
    }
    if (kind === "suffix") {
        const suffix = pattern.slice(2);
        return (path) =>
            path.endsWith(suffix) || (suffix.startsWith("/") && path === suffix.slice(1));
    }
    const translated = translate(expression);
    return translated === undefined
        ? "unmodelled"
        : (path) => translated.test(replaceStrayBytes(path));
}

type PatternKind = "exact" | "prefix" | "suffix" | "expression";

/** How patternmatcher compares a pattern, and the Go regular expression it makes. */
function readPattern(pattern: string): { kind: PatternKind; expression: string } {
    let kind: PatternKind = "exact";
    let expression = "";
    // Go's scanner skips a byte order mark.
    const chars = [...pattern.replace(/^\ufeff/, "")];
    for (let at = 0, token = 0; at < chars.length; token++) {
        const char = chars[at++] ?? "";
        if (char === "*" && chars[at] === "*") {
            at++;
            if (chars[at] === "/") at++;
            const isLast = at === chars.length;
            expression += isLast ? ".*" : "(.*/)?";
            kind = isLast && kind === "exact" ? "prefix" : "expression";
            if (token === 0) kind = "suffix";
        } else if (char === "*" || char === "?") {
            expression += char === "*" ? "[^/]*" : "[^/]";
            kind = "expression";
        } else if (char === "\\") {
            expression += `\\${chars[at++] ?? ""}`;
            kind = "expression";
        } else {
            expression += /[.+()|{}$]/.test(char) ? `\\${char}` : char;
            if (char === "[" || char === "]") kind = "expression";
        }
    }
    return { kind, expression };
}

/** One part of a Go regular expression that readPattern makes. */
const part =
    /\\([\0-/:-@[-`{-\x7f])|\[\^?(?:\\[\0-/:-@[-`{-\x7f]|\[(?!:)|[^\\[\]])+\]|\(\.\*\/\)\?|\.\*|[*^]|[^\\[]/suy;

/** The same expression in JavaScript; undefined when it has an unsupported part. */
function translate(expression: string): RegExp | undefined {
    let source = "";
    part.lastIndex = 0;
    while (part.lastIndex < expression.length) {
        const match = part.exec(expression);
        if (match === null) return undefined;
        const [text, escaped] = match;
        if (escaped !== undefined) source += literalOf(escaped);
        else if (text === "(.*/)?") source += "(?:[^\\n]*/)?";
        else if (text === ".*") source += "[^\\n]*";
        else if (text === "*" || text === "^") source += text;
        else source += text.length > 1 && text.startsWith("[") ? classOf(text) : literalOf(text);
    }
    try {
        return new RegExp(`^${source}$`, "u");
    } catch {
        // For example `[z-a]`, which Go rejects too.
        return undefined;
    }
}

function classOf(text: string): string {
    const negation = text.startsWith("[^") ? "^" : "";
    const items = text.slice(1 + negation.length, -1).matchAll(/\\?(.)/gsu);
    const inner = [...items].map(([item, char = ""]) =>
        item === "\\-" ? item : char === "-" ? char : literalOf(char),
    );
    return `[${negation}${inner.join("")}]`;
}

function literalOf(char: string): string {
    return /[\\^$.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char;
}
