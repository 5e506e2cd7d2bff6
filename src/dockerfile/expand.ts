import { gap, Lexer, type Lookup, type Unknown, type Value } from "./lexer";

export { isUnknown, type Lookup, type Unknown, type Value } from "./lexer";

/**
 * Expands the variables of one word as BuildKit 0.31 does (`$x`, `${x}`, `${x:-y}`, `${x:+y}`,
 * `${x:?y}`, `${x#y}`, `${x%y}`, `${x/y/z}`), and removes quotes and escapes.
 *
 * @returns the text, or {@link Unknown} when it depends on a variable whose value is unknown.
 * @throws InstructionError for a substitution that BuildKit rejects, or a required variable that is not set.
 */
export function expand(word: string, lookup: Lookup, escapeChar: string): Value {
    if (plain.test(word)) return word;
    const lexer = new Lexer(word, { escapeChar, lookup });
    return known(lexer.read().text, lexer);
}

/** Words without anything to expand; most words are of this kind. */
const plain = /^[\w./:=,@*+ -]*$/;

/** Expands the text of a here-document, in which quotes are plain characters. @throws InstructionError */
export function expandDocument(text: string, lookup: Lookup): Value {
    const lexer = new Lexer(text, { escapeChar: "\\", lookup, ignoresQuotes: true });
    return known(lexer.read().text, lexer);
}

/** Expands a text and splits the result at blanks, as EXPOSE does. @throws InstructionError */
export function expandWords(text: string, lookup: Lookup, escapeChar: string): Value[] {
    const lexer = new Lexer(text, { escapeChar, lookup });
    return lexer.read().words.map((word) => known(word, lexer));
}

function known(text: string, { reason }: Lexer): Value {
    return text.includes(gap) ? unknownText(reason, text) : text;
}

function unknownText(unknown: string, like: string): Unknown {
    return like === gap ? { unknown } : { unknown, like };
}

/** Whether an unknown value may turn out to be the given text. */
export function mayBe({ like = gap }: Unknown, text: string): boolean {
    const parts = like.split(gap);
    const [first = "", last = ""] = [parts[0], parts.at(-1)];
    if (!text.startsWith(first) || !text.endsWith(last)) return false;
    let rest = text.slice(first.length);
    for (const part of parts.slice(1, -1)) {
        const at = rest.indexOf(part);
        if (at < 0) return false;
        rest = rest.slice(at + part.length);
    }
    return rest.length >= last.length;
}
