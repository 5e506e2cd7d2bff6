/** Returns the number of characters that match at a position of a path; 0 for no match. */
type Token = ((path: string, at: number) => number) | "star";

/** Returns whether a path matches. */
export type Glob = (path: string) => boolean;

/**
 * Compiles a pattern as Go's `filepath.Match` reads it on Unix. COPY matches its sources in this
 * way: `*` and `?` stay within one path component, `[…]` is a class, `\` escapes. A byte that is
 * not valid UTF-8 counts as a character.
 *
 * @returns undefined when the pattern is malformed
 */
export function compileGlob(pattern: string): Glob | undefined {
    const tokens: Token[] = [];
    for (let at = 0; at < pattern.length; ) {
        const char = pattern.charAt(at++);
        if (char === "[") {
            const set = readSet(pattern, at);
            if (set === undefined) return undefined;
            tokens.push(set.token);
            at = set.end;
        } else if (char === "*") tokens.push("star");
        else if (char === "?") tokens.push(takeAny);
        else if (char !== "\\") tokens.push(takeChar(char));
        else if (at === pattern.length) return undefined;
        else tokens.push(takeChar(pattern.charAt(at++)));
    }
    return (path) => matchTokens(tokens, path);
}

function matchTokens(tokens: readonly Token[], path: string): boolean {
    let [next, at] = [0, 0];
    let star: { next: number; at: number } | undefined;
    while (at < path.length) {
        const token = tokens[next];
        if (token === "star") {
            star = { next: ++next, at };
            continue;
        }
        const taken = token?.(path, at) ?? 0;
        if (taken > 0) {
            at += taken;
            next++;
        } else {
            // The star matches one more character.
            if (star === undefined || path.charAt(star.at) === "/") return false;
            at = ++star.at;
            next = star.next;
        }
    }
    return tokens.slice(next).every((token) => token === "star");
}

function takeChar(char: string): Token {
    return (path, at) => (path.charAt(at) === char ? 1 : 0);
}

function takeAny(path: string, at: number): number {
    return path.charAt(at) === "/" ? 0 : runeAt(path, at).length;
}

/** The character at a position as Go reads it: U+FFFD for a byte that is not valid UTF-8. */
function runeAt(text: string, at: number): { code: number; length: number } {
    const code = text.codePointAt(at) ?? 0;
    const isStray = code >= 0xd800 && code <= 0xdfff;
    return { code: isStray ? 0xfffd : code, length: code > 0xffff ? 2 : 1 };
}

/** Reads `[…]` after its bracket: ranges of runes; `^` negates them. */
function readSet(pattern: string, start: number): { token: Token; end: number } | undefined {
    const negated = pattern.charAt(start) === "^";
    let at = negated ? start + 1 : start;
    const ranges: { low: number; high: number }[] = [];
    while (pattern.charAt(at) !== "]" || ranges.length === 0) {
        const low = readSetRune(pattern, at);
        if (low === undefined) return undefined;
        const isRange = pattern.charAt(low.end) === "-";
        const high = isRange ? readSetRune(pattern, low.end + 1) : low;
        if (high === undefined) return undefined;
        ranges.push({ low: low.code, high: high.code });
        at = high.end;
    }
    const token = (path: string, place: number) => {
        const { code, length } = runeAt(path, place);
        const within = ranges.some(({ low, high }) => low <= code && code <= high);
        return within !== negated ? length : 0;
    };
    return { token, end: at + 1 };
}

function readSetRune(pattern: string, start: number): { code: number; end: number } | undefined {
    const char = pattern.charAt(start);
    if (char === "" || char === "-" || char === "]") return undefined;
    const at = char === "\\" ? start + 1 : start;
    if (at >= pattern.length) return undefined;
    const { code, length } = runeAt(pattern, at);
    const isStray = code !== pattern.codePointAt(at);
    return isStray || at + length >= pattern.length ? undefined : { code, end: at + length };
}
