import { decodeText, encodeText, replaceStrayBytes } from "./bytes";
import { InstructionError } from "./failure";

/** White space between the words of an instruction; line breaks are already removed. */
const wordGap = /[\t\v\f\r ]+/;

/** The words of an instruction without quotes: FROM, COPY, ADD, EXPOSE. */
export function splitWords(text: string): string[] {
    return text === "" ? [] : text.split(wordGap);
}

/** The first word and the rest, both trimmed. */
export function splitFirstWord(text: string): [word: string, rest: string] {
    const trimmed = trimSpace(text);
    const gap = wordGap.exec(trimmed);
    return gap === null
        ? [trimmed, ""]
        : [trimmed.slice(0, gap.index), trimmed.slice(gap.index + gap[0].length)];
}

/** Flags (`--name=value`, without quotes and escapes) at the head of an instruction. */
export interface Flags {
    readonly flags: readonly string[];
    /** What follows the flags, trimmed. */
    readonly rest: string;
}

/**
 * Splits the leading `--flags` from an instruction's text; a lone `--` ends the flags. BuildKit
 * reads flags byte by byte and makes each byte a separate character.
 */
export function splitFlags(text: string, escapeChar: string): Flags {
    if (!text.includes("--")) return { flags: [], rest: trimSpace(text) };
    const bytes = bytesOf(text);
    const restFrom = (start: number) => trimSpace(textOf(bytes.slice(start)));
    const flags: string[] = [];
    for (let position = 0; ; ) {
        while (position < bytes.length && isSpace(bytes.charAt(position))) position++;
        if (!bytes.startsWith("--", position)) return { flags, rest: restFrom(position) };
        const { word, end } = readFlag(bytes, position, escapeChar);
        position = end;
        if (word !== "--") flags.push(word);
        else if (position < bytes.length) return { flags, rest: restFrom(position) };
    }
}

/** A text with one character per byte. */
function bytesOf(text: string): string {
    return ascii.test(text) ? text : encodeText(text).toString("latin1");
}

/** The text for a string with one character per byte. */
function textOf(bytes: string): string {
    return ascii.test(bytes) ? bytes : decodeText(Buffer.from(bytes, "latin1"));
}

const ascii = /^\p{ASCII}*$/u;

function readFlag(text: string, start: number, escapeChar: string) {
    let word = "";
    let quote = "";
    let position = start;
    for (; position < text.length; position++) {
        let char = text.charAt(position);
        if (quote === "" && isSpace(char)) break;
        if (quote === "" && (char === "'" || char === '"')) {
            quote = char;
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
    return { word, end: position };
}

/**
 * The words of ENV, ARG and LABEL. Quotes and escapes protect blanks and stay in the word;
 * expansion removes them later.
 */
export function splitQuotedWords(written: string, escapeChar: string): string[] {
    const text = replaceStrayBytes(written);
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
            // BuildKit drops a lone escape at the end.
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
 * The strings of a JSON array (`COPY ["a b", "c"]`); undefined when the text is not a JSON array.
 *
 * @throws InstructionError when the array contains anything but strings.
 */
export function readJsonWords(text: string): string[] | undefined {
    const trimmed = trimSpaceStart(text);
    if (!trimmed.startsWith("[")) return undefined;
    let value: unknown;
    try {
        value = JSON.parse(trimmed);
    } catch {
        return undefined;
    }
    if (!Array.isArray(value)) return undefined;
    return value.map((item: unknown) => {
        if (typeof item === "string") return item.replace(/\p{Surrogate}/gu, "\ufffd");
        throw new InstructionError(
            `a JSON array may contain only strings, not ${JSON.stringify(item)}`,
        );
    });
}

/** Whether Go's `unicode.IsSpace` counts a character as white space; JavaScript's rule differs. */
export function isSpace(char: string): boolean {
    const code = char.charCodeAt(0);
    if (code < 0x80) return code === 0x20 || (code >= 0x09 && code <= 0x0d);
    return rareSpaces.has(code);
}

const rareSpaces: ReadonlySet<number> = new Set([
    ...[0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000],
    ...Array.from({ length: 11 }, (_, offset) => 0x2000 + offset),
]);

/** The text without white space at its ends. */
export function trimSpace(text: string): string {
    const trimmed = trimSpaceStart(text);
    let end = trimmed.length;
    while (end > 0 && isSpace(trimmed.charAt(end - 1))) end--;
    return trimmed.slice(0, end);
}

/** The text without white space at its start. */
export function trimSpaceStart(text: string): string {
    let start = 0;
    while (start < text.length && isSpace(text.charAt(start))) start++;
    return text.slice(start);
}
