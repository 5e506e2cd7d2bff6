import { nearest } from "../text/nearest";
import { hasStrayBytes } from "./bytes";
import { checkInstruction } from "./check";
import { InstructionError, ifNewer } from "./failure";
import { cutOnce, type FlagValues, readFlags } from "./flags";
import { type Heredoc, readHeredoc } from "./heredoc";
import {
    readJsonWords,
    splitFirstWord,
    splitFlags,
    splitQuotedWords,
    splitWords,
    trimSpace,
} from "./words";

/** A name with its value before expansion; ARG may omit the value. */
export interface Assignment {
    readonly name: string;
    readonly value?: string;
}

/** `FROM [--platform=…] base [AS name]`, before expansion. */
export interface FromInstruction {
    readonly kind: "from";
    readonly base: string;
    /** Lower case, as BuildKit compares names. */
    readonly name?: string;
    readonly platform?: string;
}

/** `COPY` or `ADD`, before expansion. */
export interface CopyInstruction {
    readonly kind: "copy";
    readonly keyword: "COPY" | "ADD";
    /** Stage, stage number, image or named context; undefined for the build context. */
    readonly from?: string;
    /** Sources that are paths or URLs. */
    readonly sources: readonly string[];
    /** Sources that are here-documents. */
    readonly documents: readonly Heredoc[];
    readonly destination: string;
    /** Patterns of `--exclude`; variables in them are not expanded. */
    readonly exclude: readonly string[];
    readonly parents: boolean;
    readonly chown: string;
    readonly chmod: string;
    readonly checksum: string;
    /** Undefined when the flag is not given. */
    readonly keepGitDir?: boolean;
}

/** `RUN`; only its mounts matter for what a stage reads. */
export interface RunInstruction {
    readonly kind: "run";
    /** Whether a shell runs the command: no JSON array, no script with an interpreter of its own. */
    readonly usesShell: boolean;
    /** Each `--mount` as written. */
    readonly mounts: readonly string[];
    /** Why BuildKit parses the command but fails to run it; undefined when BuildKit can run it. */
    readonly fault: string | undefined;
}

/** An instruction that reads nothing, and its words before expansion. */
export interface PlainInstruction {
    readonly kind: "plain";
    readonly keyword: string;
    /** The words whose variables BuildKit expands. */
    readonly words: readonly string[];
}

/** `ONBUILD`; BuildKit parses the trigger only where the trigger runs. */
export interface OnbuildInstruction {
    readonly kind: "onbuild";
    /** The trigger as in the image's configuration, with its here-documents. */
    readonly trigger: string;
}

/** An instruction that matters for what a stage reads; every other one is `plain`. */
export type InstructionBody =
    | FromInstruction
    | CopyInstruction
    | RunInstruction
    | PlainInstruction
    | OnbuildInstruction
    | { readonly kind: "arg"; readonly args: readonly Assignment[] }
    | { readonly kind: "env"; readonly pairs: readonly Assignment[] };

const keywords = new Set(
    (
        "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN " +
        "SHELL STOPSIGNAL USER VOLUME WORKDIR"
    ).split(" "),
);

/**
 * Reads one instruction.
 *
 * @param text the joined text of the instruction
 * @param escapeChar the Dockerfile's escape character
 * @param heredocs the here-documents the instruction opens, in order
 * @throws InstructionError when BuildKit rejects the instruction.
 */
export function readInstruction(
    text: string,
    escapeChar: string,
    heredocs: readonly Heredoc[],
): InstructionBody {
    const [word, afterKeyword] = splitFirstWord(text);
    const keyword = keywordOf(word);
    if (keyword === undefined) throw unknownInstruction(word);
    const { flags: written, rest } = splitFlags(afterKeyword, escapeChar);
    const flags = readFlags(keyword, written, rest);
    checkInstruction(keyword, rest, flags);
    switch (keyword) {
        case "FROM":
            return readFrom(rest, flags);
        case "COPY":
        case "ADD":
            return readCopy(keyword, rest, flags, heredocs);
        case "RUN":
            return {
                kind: "run",
                usesShell: readJsonWords(rest) === undefined && !isScript(rest, heredocs),
                mounts: flags.get("mount") ?? [],
                fault: runFault(text, rest, heredocs),
            };
        case "ARG":
            return { kind: "arg", args: readArgs(rest, escapeChar) };
        case "ENV":
            return { kind: "env", pairs: readPairs(keyword, rest, escapeChar) };
        case "LABEL": {
            const pairs = readPairs(keyword, rest, escapeChar);
            return {
                kind: "plain",
                keyword,
                words: pairs.flatMap(({ name, value = "" }) => [name, value]),
            };
        }
        case "ONBUILD":
            checkTrigger(rest, escapeChar);
            return { kind: "onbuild", trigger: triggerText(text, heredocs) };
        case "VOLUME":
            return {
                kind: "plain",
                keyword,
                words: (readJsonWords(rest) ?? splitWords(rest)).map(trimSpace),
            };
        case "EXPOSE":
            return { kind: "plain", keyword, words: splitWords(rest) };
        case "WORKDIR":
        case "USER":
        case "STOPSIGNAL":
            return { kind: "plain", keyword, words: [rest] };
        default:
            return { kind: "plain", keyword, words: [] };
    }
}

/** The keyword that a word means; case does not matter. */
function keywordOf(word: string): string | undefined {
    const lower = word.toLowerCase();
    return /^[a-z]+$/.test(lower) && keywords.has(lower.toUpperCase())
        ? lower.toUpperCase()
        : undefined;
}

function unknownInstruction(word: string): InstructionError {
    const near = nearest(word, keywords);
    return new InstructionError(
        `unknown instruction ${word}; ${near === undefined ? ifNewer : `did you mean ${near}?`}`,
    );
}

function readFrom(rest: string, flags: FlagValues): FromInstruction {
    const words = splitWords(rest);
    const [base, as, name] = words;
    const named = words.length === 3 && as?.toLowerCase() === "as";
    if (base === undefined || !(words.length === 1 || named)) {
        throw new InstructionError(
            `${`FROM ${rest}`.trim()}: expected "FROM image" or "FROM image AS name"`,
        );
    }
    if (name !== undefined && !/^[a-z][a-z0-9-_.]*$/.test(name.toLowerCase())) {
        throw new InstructionError(
            `stage name "${name}": expected a letter, then letters, digits, "-", "_" or "."`,
        );
    }
    return {
        kind: "from",
        base,
        name: name?.toLowerCase(),
        platform: flags.get("platform")?.[0] || undefined,
    };
}

function readCopy(
    keyword: "COPY" | "ADD",
    rest: string,
    flags: FlagValues,
    heredocs: readonly Heredoc[],
): CopyInstruction {
    const words = readJsonWords(rest) ?? splitWords(rest);
    const destination = words.at(-1);
    if (destination === undefined || words.length < 2) {
        throw new InstructionError(
            `${keyword} ${rest}: expected at least one source and a destination`,
        );
    }
    if (readHeredoc(destination) !== undefined) {
        throw new InstructionError(`${keyword} ${rest}: the destination cannot be a here-document`);
    }
    const sources = words.slice(0, -1);
    const opened = new Set(sources.flatMap((source) => readHeredoc(source)?.name ?? []));
    return {
        kind: "copy",
        keyword,
        from: flags.get("from")?.[0] || undefined,
        sources: sources.filter((source) => readHeredoc(source) === undefined),
        documents: heredocs.filter((heredoc) => opened.has(heredoc.name)),
        destination,
        exclude: flags.get("exclude") ?? [],
        parents: flags.get("parents")?.[0] === "true",
        chown: flags.get("chown")?.[0] ?? "",
        chmod: flags.get("chmod")?.[0] ?? "",
        checksum: flags.get("checksum")?.[0] ?? "",
        keepGitDir: flagTruth(flags.get("keep-git-dir")?.[0]),
    };
}

function runFault(text: string, rest: string, heredocs: readonly Heredoc[]): string | undefined {
    if (readJsonWords(rest)?.length === 0) return "RUN []: expected a command";
    return hasStrayBytes(text) || hasStrayBytes(commandsIn(rest, heredocs))
        ? "RUN: expected UTF-8, which BuildKit passes on"
        : undefined;
}

/**
 * The here-documents in a command. A here-document that is itself the script may contain any bytes.
 */
function commandsIn(rest: string, heredocs: readonly Heredoc[]): string {
    return isScript(rest, heredocs) ? "" : heredocs.map(({ content }) => content).join("");
}

/** Whether a command is a here-document that names its own interpreter. */
function isScript(rest: string, [first]: readonly Heredoc[]): boolean {
    return readHeredoc(rest) !== undefined && /^\t*#!/.test(first?.content ?? "");
}

function flagTruth(value: string | undefined): boolean | undefined {
    return value === undefined ? undefined : value === "true";
}

function readArgs(rest: string, escapeChar: string): Assignment[] {
    const words = splitQuotedWords(rest, escapeChar);
    if (words.length === 0) throw new InstructionError("ARG needs a name");
    return words.map((word) => {
        const [name, value] = cutOnce(word, "=");
        if (name === "") throw new InstructionError(`ARG ${word}: the name is missing`);
        return { name, value };
    });
}

function readPairs(keyword: string, rest: string, escapeChar: string): Assignment[] {
    const pairs = splitPairs(keyword, rest, escapeChar);
    if (pairs.length === 0) throw new InstructionError(`${keyword} needs a name and a value`);
    if (pairs.some(({ name }) => name === "")) {
        throw new InstructionError(`${keyword} ${rest}: a name is missing`);
    }
    return pairs;
}

function splitPairs(keyword: string, rest: string, escapeChar: string): Assignment[] {
    const words = splitQuotedWords(rest, escapeChar);
    if (words[0] !== undefined && !words[0].includes("=")) {
        // The old form: the rest of the line is the value.
        const [name, value] = splitFirstWord(rest);
        if (value === "") throw new InstructionError(`${keyword} ${rest}: expected ${name}=value`);
        return [{ name, value }];
    }
    return words.map((word) => {
        const [name, value] = cutOnce(word, "=");
        if (value === undefined)
            throw new InstructionError(`${keyword} ${word}: expected ${word}=value`);
        return { name, value };
    });
}

const noTriggers = new Set(["ONBUILD", "FROM", "MAINTAINER"]);

/** Rejects a trigger that BuildKit rejects before the trigger runs. */
function checkTrigger(rest: string, escapeChar: string): void {
    const keyword = splitFirstWord(rest)[0].toUpperCase();
    if (keyword === "") throw new InstructionError("ONBUILD needs an instruction");
    checkSyntax(rest, escapeChar);
    if (noTriggers.has(keyword)) throw new InstructionError(`ONBUILD ${keyword} is not allowed`);
}

/** Rejects what BuildKit's parser rejects in a trigger: malformed pairs and JSON arrays. */
function checkSyntax(text: string, escapeChar: string): void {
    const [word, afterKeyword] = splitFirstWord(text);
    const keyword = keywordOf(word) ?? "";
    const { rest } = splitFlags(afterKeyword, escapeChar);
    if (keyword === "ONBUILD") checkSyntax(rest, escapeChar);
    else if (keyword === "HEALTHCHECK") readJsonWords(splitFirstWord(rest)[1]);
    else if (jsonKeywords.has(keyword)) readJsonWords(rest);
    else if ((keyword === "ENV" || keyword === "LABEL") && rest !== "") {
        splitPairs(keyword, rest, escapeChar);
    }
}

const jsonKeywords = new Set(["ADD", "CMD", "COPY", "ENTRYPOINT", "RUN", "SHELL", "VOLUME"]);

/** The text that an ONBUILD leaves in the image's configuration. */
function triggerText(text: string, heredocs: readonly Heredoc[]): string {
    const trigger = text.replace(/^[\t\n\f\r ]*onbuild[\t\n\f\r ]*/i, "");
    return [trigger, ...heredocs.map(({ content, name }) => content + name)].join("\n");
}
