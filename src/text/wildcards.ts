/** One part of a pattern. */
export type Part =
    /** This character, or one that the function accepts; with `repeats` any number of them. */
    | { readonly takes: string | ((char: string) => boolean); readonly repeats?: boolean }
    /** May skip this many of the following parts. */
    | { readonly skips: number }
    /** Matches only at the start of the text. */
    | "start";

/**
 * Where the matches of a pattern end, in ascending order. Follows all ways to match at once, so that
 * the time is the length of the text times the number of parts: a regular expression with several
 * wildcards tries them one by one.
 *
 * @param from Where matches start
 */
export function matchEnds(
    parts: readonly Part[],
    text: readonly string[],
    from: number | "anywhere" = 0,
): number[] {
    const count = parts.length;
    const ends: number[] = [];
    let active = new Uint8Array(count + 1);
    let next = new Uint8Array(count + 1);
    active[0] = 1;
    for (let at = from === "anywhere" ? 0 : from; ; at++) {
        const char = text[at];
        let goesOn = from === "anywhere";
        if (goesOn) active[0] = 1;
        next.fill(0);
        // Parts that match nothing lead only to later parts, which this loop reaches afterwards.
        for (let index = 0; index < count; index++) {
            const part = parts[index];
            if (active[index] !== 1 || part === undefined) continue;
            if (part === "start") {
                if (at === 0) active[index + 1] = 1;
            } else if ("skips" in part) {
                active[index + 1] = active[index + 1 + part.skips] = 1;
            } else {
                if (part.repeats) active[index + 1] = 1;
                if (char === undefined || !accepts(part.takes, char)) continue;
                next[part.repeats ? index : index + 1] = 1;
                goesOn = true;
            }
        }
        if (active[count] === 1) ends.push(at);
        if (char === undefined || !goesOn) return ends;
        [active, next] = [next, active];
    }
}

function accepts(takes: string | ((char: string) => boolean), char: string): boolean {
    return typeof takes === "string" ? takes === char : takes(char);
}

/** The texts that every match of a pattern contains. */
export function fixedTexts(parts: readonly Part[]): string[] {
    const texts = [""];
    for (let index = 0; index < parts.length; index++) {
        const part = parts[index];
        if (
            typeof part === "object" &&
            "takes" in part &&
            typeof part.takes === "string" &&
            !part.repeats
        ) {
            texts.push((texts.pop() ?? "") + part.takes);
        } else {
            texts.push("");
            if (typeof part === "object" && "skips" in part) index += part.skips;
        }
    }
    return texts.filter((text) => text !== "");
}
