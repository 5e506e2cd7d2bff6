import { matchEnds, type Part } from "../text/wildcards";
import { InstructionError } from "./failure";

/** A shell pattern (`*`, `?`, escapes) of a substitution. @throws InstructionError for a wrong escape */
export class ShellPattern {
    private readonly parts: readonly Part[];

    constructor(pattern: string) {
        this.parts = readParts(pattern.replace(/^\ufeff/, ""));
    }

    /** Removes what the pattern matches at the beginning of a value: as little, or as much, as possible. */
    trimStart(value: string, greedy: boolean): string {
        return trim(this.parts, [...value], greedy).join("");
    }

    /** Removes what the pattern matches at the end of a value. */
    trimEnd(value: string, greedy: boolean): string {
        const rest = trim(this.parts.toReversed(), [...value].reverse(), greedy);
        return rest.reverse().join("");
    }

    /** The parts of a value around the first or every match, each as long as possible. */
    split(value: string, { all }: { readonly all: boolean }): string[] {
        const chars = [...value];
        const backwards = matchEnds(this.parts.toReversed(), chars.toReversed(), "anywhere");
        const rests: string[] = [];
        let done = 0;
        let lastEnd = -1;
        for (const start of backwards.reverse().map((end) => chars.length - end)) {
            if (start < done) continue;
            const end = matchEnds(this.parts, chars, start).at(-1) ?? start;
            // Like Go: nothing is no match directly after a match.
            if (end === lastEnd) continue;
            rests.push(chars.slice(done, start).join(""));
            done = lastEnd = end;
            if (!all) break;
        }
        return [...rests, chars.slice(done).join("")];
    }
}

function trim(parts: readonly Part[], chars: readonly string[], greedy: boolean): string[] {
    return chars.slice(matchEnds(parts, chars).at(greedy ? -1 : 0) ?? 0);
}

const isInLine = (char: string): boolean => char !== "\n";

function readParts(pattern: string): Part[] {
    const parts: Part[] = [];
    const chars = [...pattern];
    for (let position = 0; position < chars.length; position++) {
        const char = chars[position] ?? "";
        if (char === "*") parts.push({ takes: isInLine, repeats: true });
        else if (char === "?") parts.push({ takes: isInLine });
        else if (char !== "\\") parts.push({ takes: char });
        else {
            const next = chars[++position] ?? "";
            if (!["}", "/", "*", "?", "\\"].includes(next)) {
                throw new InstructionError(`pattern "${pattern}": "\\${next}" is not an escape`);
            }
            parts.push({ takes: next });
        }
    }
    return parts;
}
