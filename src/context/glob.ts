import { literal } from "../dockerfile/shellPattern";

/**
 * Whether a path matches a pattern as Go's `filepath.Match` matches on Unix, which is how COPY
 * matches its sources: `*` and `?` stay within one path component, `[…]` is a class, `\` escapes.
 * A pattern that is not one matches nothing.
 */
export function matchGlob(pattern: string, path: string): boolean {
    return compileGlob(pattern)?.test(path) ?? false;
}

/** The pattern as a regular expression, or undefined when it is malformed. */
export function compileGlob(pattern: string): RegExp | undefined {
    let source = "";
    let position = 0;
    while (position < pattern.length) {
        const char = pattern.charAt(position);
        if (char === "[") {
            const set = readSet(pattern, position);
            if (set === undefined) return undefined;
            source += set.source;
            position = set.end;
            continue;
        }
        position++;
        if (char === "*") source += "[^/]*";
        else if (char === "?") source += "[^/]";
        else if (char !== "\\") source += literal(char);
        else if (position === pattern.length) return undefined;
        else source += literal(pattern.charAt(position++));
    }
    return new RegExp(`^${source}$`, "s");
}

/** Reads `[…]`: ranges of characters, with `^` those that are not in it. */
function readSet(pattern: string, start: number): { source: string; end: number } | undefined {
    let position = start + 1;
    const negated = pattern.charAt(position) === "^";
    if (negated) position++;
    let source = "";
    while (pattern.charAt(position) !== "]" || source === "") {
        const low = readSetCharacter(pattern, position);
        if (low === undefined) return undefined;
        position = low.end;
        let high = low;
        if (pattern.charAt(position) === "-") {
            const read = readSetCharacter(pattern, position + 1);
            if (read === undefined) return undefined;
            high = read;
            position = read.end;
        }
        // Go takes a range that is upside down as one that holds nothing.
        if (low.char <= high.char) source += `${literal(low.char)}-${literal(high.char)}`;
        else source += "\\0-\\0";
    }
    return { source: `[${negated ? "^" : ""}${source}]`, end: position + 1 };
}

function readSetCharacter(pattern: string, start: number) {
    let position = start;
    let char = pattern.charAt(position);
    if (char === "" || char === "-" || char === "]") return undefined;
    if (char === "\\") char = pattern.charAt(++position);
    return char === "" || position + 1 >= pattern.length ? undefined : { char, end: position + 1 };
}
