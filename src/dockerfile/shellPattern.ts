import { InstructionError } from "./failure";

/** Removes what a pattern matches at the beginning of a value. */
export function trimStart(value: string, pattern: string, greedy: boolean): string {
    return value.replace(new RegExp(`^${shellPattern(pattern, { greedy })}`, "u"), "");
}

/** Removes what a pattern matches at the end of a value. */
export function trimEnd(value: string, pattern: string, greedy: boolean): string {
    const end = new RegExp(`^(?:${shellPattern(pattern, { greedy: true })})$`, "u");
    const chars = [...value];
    const starts = Array.from({ length: chars.length + 1 }, (_, start) => start);
    if (!greedy) starts.reverse();
    const start = starts.find((at) => end.test(chars.slice(at).join("")));
    return start === undefined ? value : chars.slice(0, start).join("");
}

/** The source of a regular expression (flag `u`) for a shell pattern (`*`, `?`, escapes). */
export function shellPattern(pattern: string, how: { greedy: boolean }): string {
    let source = "";
    const chars = pattern.replace(/^\ufeff/, "");
    for (let position = 0; position < chars.length; position++) {
        const char = chars.charAt(position);
        if (char === "*") source += how.greedy ? "[^\\n]*" : "[^\\n]*?";
        else if (char === "?") source += "[^\\n]";
        else if (char !== "\\") source += plain(char);
        else {
            const next = chars.charAt(++position);
            if (!["}", "/", "*", "?", "\\"].includes(next)) {
                throw new InstructionError(`pattern "${pattern}": "\\${next}" is not an escape`);
            }
            source += plain(next);
        }
    }
    return source;
}

function plain(char: string): string {
    return /[\\^$.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char;
}
