import { Refusal } from "./failure";

/** Takes what a pattern matches off the beginning of a value. */
export function trimStart(value: string, pattern: string, greedy: boolean): string {
    return value.replace(new RegExp(`^${shellPattern(pattern, { greedy })}`, "s"), "");
}

/** Takes what a pattern matches off the end of a value. */
export function trimEnd(value: string, pattern: string, greedy: boolean): string {
    const end = new RegExp(`^(?:${shellPattern(pattern, { greedy: true })})$`, "s");
    const lengths = Array.from({ length: value.length + 1 }, (_, length) => length);
    if (greedy) lengths.reverse();
    const length = lengths.find((size) => end.test(value.slice(value.length - size)));
    return length === undefined ? value : value.slice(0, value.length - length);
}

/** A shell pattern (`*`, `?`, escapes) as a regular expression's source. */
export function shellPattern(pattern: string, how: { greedy: boolean }): string {
    let source = "";
    for (let position = 0; position < pattern.length; position++) {
        const char = pattern.charAt(position);
        if (char === "*") source += how.greedy ? ".*" : ".*?";
        else if (char === "?") source += ".";
        else if (char !== "\\") source += literal(char);
        else {
            const next = pattern.charAt(++position);
            if (!["}", "/", "*", "?", "\\"].includes(next)) {
                throw new Refusal(`pattern "${pattern}": "\\${next}" is no escape`);
            }
            source += literal(next);
        }
    }
    return source;
}

/** One character as it stands for itself in a regular expression, in a class too. */
export function literal(char: string): string {
    return /[\\^$.*+?()[\]{}|/-]/.test(char) ? `\\${char}` : char;
}
