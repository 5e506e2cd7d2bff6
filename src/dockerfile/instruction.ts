import { checkInstruction } from "./check";
import { nearest, Refusal } from "./failure";
import { cutOnce, type FlagValues, readFlags } from "./flags";
import { findHeredocs, type Heredoc, readHeredoc } from "./heredoc";
import { readJsonWords, splitFirstWord, splitFlags, splitQuotedWords, splitWords } from "./words";

/** A name with its value before expansion; ARG may leave the value out. */
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
}

/** `RUN`, of which only the mounts matter here. */
export interface RunInstruction {
    readonly kind: "run";
    /** Each `--mount` as written. */
    readonly mounts: readonly string[];
}

/** The instructions that matter for what a stage reads; all others are `other`. */
export type InstructionBody =
    | FromInstruction
    | CopyInstruction
    | RunInstruction
    | { readonly kind: "arg"; readonly args: readonly Assignment[] }
    | { readonly kind: "env"; readonly pairs: readonly Assignment[] }
    | { readonly kind: "onbuild"; readonly trigger: InstructionBody }
    | { readonly kind: "other"; readonly keyword: string };

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
 * @throws Refusal when BuildKit would not take it.
 */
export function readInstruction(
    text: string,
    escapeChar: string,
    heredocs: readonly Heredoc[],
): InstructionBody {
    const [word, afterKeyword] = splitFirstWord(text);
    const keyword = word.toUpperCase();
    if (!keywords.has(keyword)) throw unknownInstruction(word);
    const { flags: written, rest } = splitFlags(afterKeyword, escapeChar);
    const flags = readFlags(keyword, written);
    checkInstruction(keyword, rest, flags);
    switch (keyword) {
        case "FROM":
            return readFrom(rest, flags);
        case "COPY":
        case "ADD":
            return readCopy(keyword, rest, flags, heredocs);
        case "RUN":
            readJsonWords(rest);
            return { kind: "run", mounts: flags.get("mount") ?? [] };
        case "ARG":
            return { kind: "arg", args: readArgs(rest, escapeChar) };
        case "ENV":
            return { kind: "env", pairs: readPairs(keyword, rest, escapeChar) };
        case "LABEL":
            readPairs(keyword, rest, escapeChar);
            return { kind: "other", keyword };
        case "ONBUILD":
            return { kind: "onbuild", trigger: readTrigger(rest, escapeChar, heredocs) };
        default:
            return { kind: "other", keyword };
    }
}

function unknownInstruction(word: string): Refusal {
    const near = nearest(word, keywords);
    return new Refusal(
        `unknown instruction ${word}${near === undefined ? "" : `; did you mean ${near}?`}`,
    );
}

function readFrom(rest: string, flags: FlagValues): FromInstruction {
    const words = splitWords(rest);
    const [base, as, name] = words;
    const named = words.length === 3 && as?.toLowerCase() === "as";
    if (base === undefined || !(words.length === 1 || named)) {
        throw new Refusal(`FROM ${rest}: expected "FROM image" or "FROM image AS name"`);
    }
    if (name !== undefined && !/^[a-z][a-z0-9-_.]*$/.test(name.toLowerCase())) {
        throw new Refusal(
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
        throw new Refusal(`${keyword} ${rest}: expected at least one source and a destination`);
    }
    if (readHeredoc(destination) !== undefined) {
        throw new Refusal(`${keyword} ${rest}: the destination cannot be a here-document`);
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
    };
}

function readArgs(rest: string, escapeChar: string): Assignment[] {
    const words = splitQuotedWords(rest, escapeChar);
    if (words.length === 0) throw new Refusal("ARG needs a name");
    return words.map((word) => {
        const [name, value] = cutOnce(word, "=");
        if (name === "") throw new Refusal(`ARG ${word}: the name is missing`);
        return { name, value };
    });
}

function readPairs(keyword: string, rest: string, escapeChar: string): Assignment[] {
    const words = splitQuotedWords(rest, escapeChar);
    const first = words[0];
    if (first === undefined) throw new Refusal(`${keyword} needs a name and a value`);
    if (!first.includes("=")) {
        // The old form: the rest of the line is the value.
        const [name, value] = splitFirstWord(rest);
        if (value === "") throw new Refusal(`${keyword} ${rest}: expected ${name}=value`);
        return [{ name, value }];
    }
    return words.map((word) => {
        const [name, value] = cutOnce(word, "=");
        if (value === undefined) throw new Refusal(`${keyword} ${word}: expected ${word}=value`);
        if (name === "") throw new Refusal(`${keyword} ${word}: the name is missing`);
        return { name, value };
    });
}

const noTriggers = new Set(["ONBUILD", "FROM", "MAINTAINER"]);

function readTrigger(
    rest: string,
    escapeChar: string,
    heredocs: readonly Heredoc[],
): InstructionBody {
    const keyword = splitFirstWord(rest)[0].toUpperCase();
    if (keyword === "") throw new Refusal("ONBUILD needs an instruction");
    if (noTriggers.has(keyword)) throw new Refusal(`ONBUILD ${keyword} is not allowed`);
    return readInstruction(rest, escapeChar, heredocs);
}

/** The trigger of an image's configuration, which names one instruction. */
export function readImageTrigger(text: string): InstructionBody {
    const [head = "", ...body] = text.split("\n");
    const heredocs = findHeredocs(head).map((start) => ({ ...start, content: body.join("\n") }));
    return readInstruction(head, "\\", heredocs);
}
