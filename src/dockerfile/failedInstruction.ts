import { posix } from "node:path";
import { type LogicalLine, readLines } from "./lines";
import type { Dockerfile } from "./parse";
import { readJsonWords, splitFirstWord, splitFlags } from "./words";

/** Longest instruction to show in full, in characters. */
const lengthMax = 120;

/**
 * The instruction that BuildKit says has failed, with its line in the whole file. docker-build
 * passes on neither lines nor the step's name, so it is found by what the message names: a command,
 * a base image, a path, an address, an id.
 *
 * @param error BuildKit's message: `process "/bin/sh -c make" did not complete successfully: …`
 * @param among Lines of which it can be one. @default all
 * @returns `line 7: RUN make`, with every line that may be meant; undefined when nothing is named.
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

/** An instruction as its author reads it. */
interface Written {
    readonly line: number;
    readonly keyword: string;
    /** What follows on the keyword, on one line; of a RUN its command alone. */
    readonly text: string;
    /** What follows on the keyword, of a RUN its flags alone, cut wherever a value can begin. */
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

/** The RUNs with the command that failed; undefined when it was no command. */
function failedRuns(instructions: readonly Written[], error: string): Written[] | undefined {
    const quoted = /process ("(?:[^"\\]|\\.)*") did not complete successfully/.exec(error)?.[1];
    if (quoted === undefined) return undefined;
    const command = ` ${squeeze(unquote(quoted))}`;
    const runs = instructions.filter(
        ({ keyword, text }) => keyword === "RUN" && text !== "" && command.endsWith(` ${text}`),
    );
    // A command can end in another one's words: the longest is meant.
    const longest = Math.max(...runs.map(({ text }) => text.length));
    return runs.filter(({ text }) => text.length === longest);
}

/** What a message names, and how an instruction that is meant by it writes that. */
interface Clue {
    /** Its groups hold the name. */
    readonly message: RegExp;
    readonly keywords: readonly string[];
    /** Whether a word, its variables replaced by whatever fits, means the name. */
    readonly means?: (word: string, name: string) => boolean;
}

/** Messages of BuildKit 0.31.1 as docker-build 0.0.22 hands them on, seen in builds. */
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
        // Of a path with wildcards or of a destination only its beginning is named.
        means: (word, name) => `${posix.resolve("/", word)}/`.startsWith(`${name}/`),
    },
    {
        message: /(?:Get|Head) "([^"]+)"|failed to fetch remote (\S+): /,
        keywords: ["ADD"],
        // Behind it, a branch of a git repository.
        means: (word, name) => fits(word.replace(/#.*/, ""), name),
    },
    { message: /: secret (\S+): not found/, keywords: ["RUN"] },
    { message: /unset ssh forward key (\S+)/, keywords: ["RUN"] },
    { message: /invalid containerPort: (\S+)/, keywords: ["EXPOSE"] },
    { message: /invalid signal: (\S+)/, keywords: ["STOPSIGNAL"] },
    { message: /failed to parse platform (\S+?):/, keywords: ["FROM"] },
];

/** The instructions with the name in the message. */
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

/** Whether a word is the name, whatever values its variables have. */
function fits(word: string, name: string): boolean {
    const parts = word.split(/\$(?:\{[^}]*\}|\w+)/).map((part) => part.replace(/[^\w/]/g, "\\$&"));
    // A bare variable would fit everything.
    return parts.some((part) => /\w/.test(part)) && new RegExp(`^${parts.join(".*")}$`).test(name);
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
    return text.length > lengthMax ? `${text.slice(0, lengthMax)}…` : text;
}
