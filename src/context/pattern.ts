import { replaceStrayBytes } from "../dockerfile/bytes";
import { fixedTexts, matchEnds, type Part } from "../text/wildcards";
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
    if (translated === undefined) return "unmodelled";
    const fixed = fixedTexts(translated);
    return (path) => {
        const text = replaceStrayBytes(path);
        // Most paths lack one of these, and the search for them is much faster.
        if (!fixed.every((part) => text.includes(part))) return false;
        const chars = [...text];
        return matchEnds(translated, chars).at(-1) === chars.length;
    };
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

/** The parts of the expression; undefined when it has an unsupported part. */
function translate(expression: string): readonly Part[] | undefined {
    const parts: Part[] = [];
    part.lastIndex = 0;
    while (part.lastIndex < expression.length) {
        const match = part.exec(expression);
        if (match === null) return undefined;
        const [text, escaped = text] = match;
        const last = parts.at(-1);
        if (text === "(.*/)?") parts.push({ skips: 2 }, anyInLine, { takes: "/" });
        else if (text === ".*") parts.push(anyInLine);
        else if (text === "^") parts.push("start");
        else if (text.length > 1 && text.startsWith("[")) {
            const takes = classOf(text);
            if (takes === undefined) return undefined;
            parts.push({ takes });
        } else if (text === "*" && typeof last === "object" && "takes" in last) {
            parts.splice(-1, 1, { ...last, repeats: true });
        } else if (text === "*") return undefined;
        else parts.push({ takes: escaped });
    }
    return parts;
}

const anyInLine: Part = { takes: (char) => char !== "\n", repeats: true };

/** Whether a class has a character; undefined for a class that Go rejects too, such as `[z-a]`. */
function classOf(text: string): ((char: string) => boolean) | undefined {
    const negation = text.startsWith("[^") ? "^" : "";
    const items = text.slice(1 + negation.length, -1).matchAll(/\\?(.)/gsu);
    const inner = [...items].map(([item, char = ""]) => (item === "\\-" ? item : literalOf(char)));
    try {
        const expression = new RegExp(`^[${negation}${inner.join("")}]$`, "u");
        return (char) => expression.test(char);
    } catch {
        return undefined;
    }
}

function literalOf(char: string): string {
    return /[\\^$.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char;
}
