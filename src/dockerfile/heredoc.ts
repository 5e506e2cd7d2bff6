import { InstructionError } from "./failure";
import { Lexer } from "./lexer";

/** A here-document that an instruction opens: `<<EOF`, `<<-"EOF"`, `3<<EOF`. */
export interface HeredocStart {
    /** The word that ends the document, alone on a line. */
    readonly name: string;
    /** Whether BuildKit expands variables in the document: not when part of the word is quoted. */
    readonly expand: boolean;
    /** Whether BuildKit removes leading tabs (`<<-`). */
    readonly chomp: boolean;
}

/** A here-document with its text. */
export interface Heredoc extends HeredocStart {
    readonly content: string;
}

/**
 * The here-documents that a COPY, ADD or RUN opens, in order. As in BuildKit, quotes keep words
 * together, so `"cat <<EOF"` opens no document. Nor does a line that BuildKit's lexer rejects, such
 * as `echo ${x^^} <<EOF`.
 */
export function findHeredocs(line: string): HeredocStart[] {
    if (!line.includes("<<")) return [];
    const words = lex(line, { quotes: true, escapes: true }) ?? [];
    return words.flatMap((word) => readHeredoc(word) ?? []);
}

/** Reads a word that opens a here-document; undefined for any other word. */
export function readHeredoc(word: string): HeredocStart | undefined {
    const match = /^\d*<<(-?)[\t\n\f\r ]*((?:[^<\t\n\f\r ][^<]*)?)$/.exec(word);
    const quoted = match?.[2] ?? "";
    if (match === null || quoted === "") return undefined;
    const [name, ...more] = lex(quoted, { quotes: false, escapes: false }) ?? [];
    if (name === undefined || more.length > 0) return undefined;
    const [rawName = ""] = lex(quoted, { quotes: true, escapes: false }) ?? [];
    return { name, expand: quotesIn(name) === quotesIn(rawName), chomp: match[1] === "-" };
}

/** The words of a text, with variables unexpanded; undefined when the lexer rejects the text. */
function lex(
    text: string,
    raw: { quotes: boolean; escapes: boolean },
): readonly string[] | undefined {
    try {
        const lexer = new Lexer(text, {
            escapeChar: "\\",
            lookup: () => undefined,
            keepsUnset: true,
            raw,
        });
        return lexer.read().words;
    } catch (cause) {
        if (cause instanceof InstructionError) return undefined;
        throw cause;
    }
}

function quotesIn(text: string): number {
    return text.split(/['"]/).length;
}
