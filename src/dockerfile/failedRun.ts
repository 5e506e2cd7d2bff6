import { readLines } from "./lines";
import type { Dockerfile } from "./parse";
import { readJsonWords, splitFirstWord, splitFlags } from "./words";

/** Longest command that is told whole, in characters. */
const commandLengthMax = 120;

/**
 * The RUN that BuildKit says has failed, with its line in the whole file: BuildKit counts the lines
 * of what it was given, and docker-build passes on neither them nor the step's name.
 *
 * @param error BuildKit's message: `process "/bin/sh -c make" did not complete successfully: …`
 * @returns `line 7: RUN make`, with every line that reads so; undefined for another failure.
 */
export function findFailedRun({ directives, text }: Dockerfile, error: string): string | undefined {
    const quoted = /process ("(?:[^"\\]|\\.)*") did not complete successfully/.exec(error)?.[1];
    if (quoted === undefined) return undefined;
    const command = ` ${squeeze(unquote(quoted))}`;
    const runs = readLines(text).lines.flatMap(({ line, text }) => {
        const [keyword, rest] = splitFirstWord(text);
        if (keyword.toUpperCase() !== "RUN") return [];
        const written = splitFlags(rest, directives.escape).rest;
        const own = squeeze(readJsonWords(written)?.join(" ") ?? written);
        return own !== "" && command.endsWith(` ${own}`) ? [{ line, own }] : [];
    });
    // A command can end in another one's words: the longest is meant.
    const longest = Math.max(...runs.map(({ own }) => own.length));
    const meant = runs.filter(({ own }) => own.length === longest);
    const [first] = meant;
    if (first === undefined) return undefined;
    const numbers = meant.map(({ line }) => line).join(" or ");
    return `line ${numbers}: RUN ${shorten(first.own)}`;
}

/** Go's `%q`, whose escapes are JSON's but for those of single bytes, which no one reads. */
function unquote(quoted: string): string {
    try {
        return String(JSON.parse(quoted.replace(/\\(?:x[0-9a-f]{2}|[av])/g, " ")));
    } catch {
        return quoted.slice(1, -1);
    }
}

function squeeze(text: string): string {
    return text.replace(/\s+/g, " ").trim();
}

function shorten(text: string): string {
    return text.length > commandLengthMax ? `${text.slice(0, commandLengthMax)}…` : text;
}
