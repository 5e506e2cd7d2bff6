import { Refusal } from "./failure";

/** White space between the words of an instruction; line breaks are gone by then. */
const wordGap = /[\t\v\f\r ]+/;

/** The words of an instruction that knows no quotes: FROM, COPY, ADD, EXPOSE. */
export function splitWords(text: string): string[] {
    return text === "" ? [] : text.split(wordGap);
}

/** The first word and what follows it, both trimmed. */
export function splitFirstWord(text: string): [word: string, rest: string] {
    const trimmed = text.trim();
    const gap = wordGap.exec(trimmed);
    return gap === null
        ? [trimmed, ""]
        : [trimmed.slice(0, gap.index), trimmed.slice(gap.index + gap[0].length).trim()];
}

/** Flags (`--name=value`, quotes and escapes taken off) at the head of an instruction. */
export interface Flags {
    readonly flags: readonly string[];
    /** What follows the flags, trimmed. */
    readonly rest: string;
}

/** Takes the leading `--flags` off an instruction's text; a lone `--` ends them. */
export function splitFlags(text: string, escapeChar: string): Flags {
    const flags: string[] = [];
    let position = 0;
    for (;;) {
        while (position < text.length && isSpace(text.charAt(position))) position++;
        if (!text.startsWith("--", position)) return { flags, rest: text.slice(position).trim() };
        const { word, end, quoted } = readFlag(text, position, escapeChar);
        position = end;
        if (word === "--" && !quoted && position < text.length) {
            return { flags, rest: text.slice(position).trim() };
        }
        if (word !== "--") flags.push(word);
    }
}

function readFlag(text: string, start: number, escapeChar: string) {
    let word = "";
    let quote = "";
    let quoted = false;
    let position = start;
    for (; position < text.length; position++) {
        let char = text.charAt(position);
        if (quote === "" && isSpace(char)) break;
        if (quote === "" && (char === "'" || char === '"')) {
            quote = char;
            quoted = true;
            continue;
        }
        if (quote !== "" && char === quote) {
            quote = "";
            continue;
        }
        if (char === escapeChar) {
            position++;
            if (position === text.length) break;
            char = text.charAt(position);
        }
        word += char;
    }
    return { word, end: position, quoted };
}

/**
 * The words of ENV, ARG and LABEL: quotes and escapes keep blanks together and stay in the word,
 * since expansion takes them off later.
 */
export function splitQuotedWords(text: string, escapeChar: string): string[] {
    const words: string[] = [];
    let word = "";
    let quote = "";
    for (let position = 0; position < text.length; position++) {
        const char = text.charAt(position);
        if (quote === "" && isSpace(char)) {
            if (word !== "") words.push(word);
            word = "";
            continue;
        }
        if (char === escapeChar && quote !== "'") {
            // A lone escape at the very end is dropped.
            if (position + 1 < text.length) word += char + text.charAt(++position);
            continue;
        }
        if (quote === "" && (char === "'" || char === '"')) quote = char;
        else if (char === quote) quote = "";
        word += char;
    }
    if (word !== "") words.push(word);
    return words;
}

/**
 * The strings of a JSON array (`COPY ["a b", "c"]`), or undefined when the text is not one.
 *
 * @throws Refusal when it is an array that holds something else than strings.
 */
export function readJsonWords(text: string): string[] | undefined {
    const trimmed = text.trimStart();
    if (!trimmed.startsWith("[")) return undefined;
    let value: unknown;
    try {
        value = JSON.parse(trimmed);
    } catch {
        return undefined;
    }
    if (!Array.isArray(value)) return undefined;
    return value.map((item: unknown) => {
        if (typeof item === "string") return item;
        throw new Refusal(`a JSON array holds strings only, not ${JSON.stringify(item)}`);
    });
}

/** Whether a character is white space to Go's `unicode.IsSpace`. */
export function isSpace(char: string): boolean {
    return char !== "\ufeff" && /^\s$/.test(char);
}
