import { isSpace } from "./words";

/** A here-document that an instruction opens: `<<EOF`, `<<-"EOF"`, `3<<EOF`. */
export interface HeredocStart {
    /** The word that ends it, on a line of its own. */
    readonly name: string;
    /** Whether variables in it are expanded: not when any part of the word is quoted. */
    readonly expand: boolean;
    /** Whether leading tabs are taken off (`<<-`). */
    readonly chomp: boolean;
}

/** A here-document with its text. */
export interface Heredoc extends HeredocStart {
    readonly content: string;
}

/**
 * The here-documents that a COPY, ADD or RUN opens, in order. As in BuildKit, quotes bind words
 * together, so `"cat <<EOF"` opens none; a line whose quotes do not close opens none either.
 */
export function findHeredocs(line: string): HeredocStart[] {
    if (!line.includes("<<")) return [];
    return (rawWords(line) ?? []).flatMap((word) => readHeredoc(word) ?? []);
}

/** Reads one word as a here-document's beginning; undefined when it is none. */
export function readHeredoc(word: string): HeredocStart | undefined {
    const match = /^(\d*)<<(-?)\s*([^<]*)$/s.exec(word);
    const quotedName = match?.[3] ?? "";
    if (match === null || quotedName === "") return undefined;
    const name = unquote(quotedName);
    if (name === undefined || name === "") return undefined;
    return { name, expand: !/['"]/.test(quotedName), chomp: match[2] === "-" };
}

/** Words parted by blanks outside quotes, with quotes and escapes left in them. */
function rawWords(line: string): string[] | undefined {
    const words: string[] = [];
    let word = "";
    for (let position = 0; position < line.length; position++) {
        const char = line.charAt(position);
        if (char === "'" || char === '"') {
            const end = closingQuote(line, position);
            if (end === undefined) return undefined;
            word += line.slice(position, end + 1);
            position = end;
        } else if (char === "\\") {
            word += line.slice(position, position + 2);
            position++;
        } else if (char === "<" && line.charAt(position + 1) === "<") {
            // Blanks between << and its word belong to it.
            let end = position + 2;
            while (/[\t\r ]/.test(line.charAt(end))) end++;
            word += line.slice(position, end);
            position = end - 1;
        } else if (isSpace(char)) {
            if (word !== "") words.push(word);
            word = "";
        } else {
            word += char;
        }
    }
    if (word !== "") words.push(word);
    return words;
}

function closingQuote(text: string, start: number): number | undefined {
    const quote = text.charAt(start);
    for (let position = start + 1; position < text.length; position++) {
        const char = text.charAt(position);
        if (char === quote) return position;
        if (char === "\\" && quote === '"') position++;
    }
    return undefined;
}

/** Takes quotes and escapes off one word; undefined when it is several or its quotes stay open. */
function unquote(text: string): string | undefined {
    let word = "";
    for (let position = 0; position < text.length; position++) {
        const char = text.charAt(position);
        if (char === "'" || char === '"') {
            const end = closingQuote(text, position);
            if (end === undefined) return undefined;
            word += text.slice(position + 1, end);
            position = end;
        } else if (char === "\\") {
            word += text.charAt(++position);
        } else if (isSpace(char)) {
            return undefined;
        } else {
            word += char;
        }
    }
    return word;
}
