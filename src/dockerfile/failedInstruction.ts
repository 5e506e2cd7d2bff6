import { posix } from "node:path";
import { mayBe } from "./expand";
import { gap } from "./lexer";
import { type LogicalLine, readLines } from "./lines";
import type { Dockerfile } from "./parse";
import { readJsonWords, splitFirstWord, splitFlags } from "./words";

/** Longest instruction to show in full, in characters. */
const lengthMax = 120;

/**
 * Finds the instruction that failed, with its line in the whole file. docker-build passes on
 * neither line numbers nor the name of the step. So the search uses what the message names: a
 * command, a base image, a path, an address or an id.
 *
 * @param error BuildKit's message: `process "/bin/sh -c make" did not complete successfully: …`
 * @param among lines to search. @default all
 * @returns `line 7: RUN make`, with every line that fits; undefined when no line fits.
 */
export function findFailedInstruction(
    dockerfile: Dockerfile,
    error: string,
    among?: ReadonlySet<number>,
): string | undefined {
    const { escape: escapeChar } = dockerfile.directives;
    const lines = readLines(dockerfile.text).lines.filter(({ line }) => among?.has(line) ?? true);
    const instructions = lines.map((line) => readWritten(line, escapeChar));
    const meant = failedRuns(instructions, error) ?? namedBy(instructions, error);
    const [first] = meant;
    if (first === undefined) return undefined;
    const numbers = meant.map(({ line }) => line).join(" or ");
    return `line ${numbers}: ${first.keyword} ${shorten(first.text)}`;
}

/** An instruction as it is written in the file. */
interface Written {
    readonly line: number;
    readonly keyword: string;
    /** What follows the keyword, on one line; for RUN only the command. */
    readonly text: string;
    /** The text after the keyword, split at every place where a value can begin; for RUN, only the flags. */
    readonly words: readonly string[];
}

function readWritten({ line, text: whole }: LogicalLine, escapeChar: string): Written {
    const [word, rest] = splitFirstWord(whole);
    const keyword = word.toUpperCase();
    if (keyword !== "RUN") return { line, keyword, text: squeeze(rest), words: wordsOf(rest) };
    const { flags, rest: command } = splitFlags(rest, escapeChar);
    const text = squeeze(readJsonWords(command)?.join(" ") ?? command);
    return { line, keyword, text, words: wordsOf(flags.join(" ")) };
}

function wordsOf(text: string): string[] {
    return text.split(/[\s,="'[\]]+/).filter((word) => word !== "");
}

/** The RUNs with the command that failed; undefined when something else failed. */
function failedRuns(instructions: readonly Written[], error: string): Written[] | undefined {
    const quoted = /process ("(?:[^"\\]|\\.)*") did not complete successfully/.exec(error)?.[1];
    if (quoted === undefined) return undefined;
    const command = ` ${squeeze(unquote(quoted))}`;
    const runs = instructions.filter(
        ({ keyword, text }) => keyword === "RUN" && text !== "" && command.endsWith(` ${text}`),
    );
    // A command can end with the words of another command: the longest one failed.
    const longest = Math.max(...runs.map(({ text }) => text.length));
    return runs.filter(({ text }) => text.length === longest);
}

/** A kind of message, and the instructions that can cause it. */
interface Clue {
    /** Matches the message; its groups contain the name. */
    readonly message: RegExp;
    readonly keywords: readonly string[];
    /** Whether a word means the name, for some values of the word's variables. */
    readonly means?: (word: string, name: string) => boolean;
}

/** Messages of BuildKit 0.31.1 as docker-build 0.0.22 reports them, observed in builds. */
const clues: readonly Clue[] = [
    {
        message: /: (\S+): failed to resolve source metadata for /,
        keywords: ["FROM", "COPY", "RUN"],
    },
    {
        message: /failed to calculate checksum of ref \S+: "([^"]+)": not found/,
        keywords: ["COPY", "ADD", "RUN"],
        means: (word, name) => fits(posix.resolve("/", word), name),
    },
    {
        message: /lstat (\/\S*): (?:no such file or|not a) directory/,
        keywords: ["COPY", "ADD", "RUN"],
        // For a path with wildcards and for a destination, the message names only the beginning.
        means: (word, name) => `${posix.resolve("/", word)}/`.startsWith(`${name}/`),
    },
    {
        message: /(?:Get|Head) "([^"]+)"|failed to fetch remote (\S+): /,
        keywords: ["ADD"],
        // A branch of a git repository may follow the address.
        means: (word, name) => fits(word.replace(/#.*/, ""), name),
    },
    { message: /: secret (\S+): not found/, keywords: ["RUN"] },
    { message: /unset ssh forward key (\S+)/, keywords: ["RUN"] },
    { message: /invalid containerPort: (\S+)/, keywords: ["EXPOSE"] },
    { message: /invalid signal: (\S+)/, keywords: ["STOPSIGNAL"] },
    { message: /failed to parse platform (\S+?):/, keywords: ["FROM"] },
];

/** The instructions that contain the name in the message. */
function namedBy(instructions: readonly Written[], error: string): Written[] {
    for (const { message, keywords, means = fits } of clues) {
        const name = message
            .exec(error)
            ?.slice(1)
            .find((group) => group !== undefined);
        const found = instructions.filter(
            ({ keyword, words }) =>
                name !== undefined &&
                keywords.includes(keyword) &&
                words.some((word) => means(word, name)),
        );
        if (found.length > 0) return found;
    }
    return [];
}

/** Whether a word is the name for some values of its variables. */
function fits(word: string, name: string): boolean {
    const parts = word.split(/\$(?:\{[^}]*\}?|\w+)/);
    // A word that is only a variable would fit every name.
    if (parts.length === 1 || !parts.some((part) => /\w/.test(part))) return word === name;
    return mayBe({ unknown: word, like: parts.join(gap) }, name);
}

/** Reads Go's `%q`: JSON's escapes, and escapes of single bytes, which become blanks. */
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
    return text.length > lengthMax ? `${text.slice(0, lengthMax)}…` : text;
}
