import { replaceStrayBytes } from "./bytes";
import { InstructionError, ifNewer } from "./failure";
import { ShellPattern } from "./shellPattern";
import { isSpace } from "./words";

/** A value that is known only in the build, with the reason in words. */
export interface Unknown {
    readonly unknown: string;
    /** The text, with {@link gap} for each unknown part. @default the whole text is unknown */
    readonly like?: string;
}

/** A variable's value: known text, or unknown with its reason. */
export type Value = string | Unknown;

/** Marks an unknown part of a text: a lone surrogate, which valid text never contains. */
export const gap = "\ud800";

/** Whether a value is unknown. */
export function isUnknown(value: Value): value is Unknown {
    return typeof value !== "string";
}

/** Returns a variable's value; undefined means that the variable is certainly unset. */
export type Lookup = (name: string) => Value | undefined;

/** Options for reading a text. */
export interface LexerOptions {
    readonly escapeChar: string;
    readonly lookup: Lookup;
    /** Keeps quotes and escapes in the text. @default false */
    readonly raw?: { readonly quotes: boolean; readonly escapes: boolean };
    /** Keeps substitutions of unset variables in the text. @default false */
    readonly keepsUnset?: boolean;
    /** Reads quotes as plain characters. @default false */
    readonly ignoresQuotes?: boolean;
}

/** How deep substitutions may be nested, so that no line exhausts the stack. */
const depthMax = 200;
/**
 * Longest text that variables may add to a word, in characters: Linux's limit for one variable of a
 * process. Each line `ENV A=$A$A` doubles a value.
 */
const growthMax = 128 * 1024;

/** The expanded text, whole and as words split at blanks outside quotes. */
export interface Lexed {
    readonly text: string;
    readonly words: readonly string[];
}

/** Reads texts with quotes, escapes and variables as the lexer of BuildKit 0.31 does. */
export class Lexer {
    /** Why the text contains a {@link gap}. */
    reason = "";
    private position = 0;
    /** The current word. The argument of a substitution empties it, as in BuildKit. */
    private word = "";
    private rawEscapes: boolean;
    private depth = 0;
    private growth = 0;
    private readonly source: string;
    private readonly options: LexerOptions;

    constructor(text: string, options: LexerOptions) {
        this.source = replaceStrayBytes(text).replace(/^\ufeff/, "");
        this.options = options;
        this.rawEscapes = options.raw?.escapes ?? false;
    }

    /** @throws InstructionError for an unclosed quote or a substitution that BuildKit rejects */
    read(): Lexed {
        return this.readUntil("", this.rawEscapes);
    }

    /** Reads up to a stop character, or to the end without one. */
    private readUntil(stop: string, rawEscapes: boolean): Lexed {
        const { escapeChar, ignoresQuotes } = this.options;
        const outer = this.rawEscapes;
        this.rawEscapes = rawEscapes;
        const words: string[] = [];
        let text = "";
        this.word = "";
        const endWord = () => {
            if (this.word !== "") words.push(this.word);
            this.word = "";
        };
        const addSplit = (part: string) => {
            for (const char of part) {
                if (isSpace(char)) endWord();
                else this.word += char;
            }
        };
        while (this.position < this.source.length) {
            const char = this.peek();
            if (char === stop) {
                this.position++;
                endWord();
                this.rawEscapes = outer;
                return { text, words };
            }
            if (char === "$") {
                const value = this.readVariable();
                text += value;
                addSplit(value);
            } else if ((char === "'" || char === '"') && ignoresQuotes !== true) {
                const quoted = char === "'" ? this.readSingleQuoted() : this.readDoubleQuoted();
                text += quoted;
                this.word += quoted;
            } else if (char === "<") {
                const sign = this.readHeredocSign();
                text += sign;
                this.word += sign;
            } else if (char === escapeChar) {
                const escaped = this.readEscaped();
                text += escaped;
                this.word += escaped;
            } else {
                this.position++;
                text += char;
                if (isSpace(char)) endWord();
                else this.word += char;
            }
        }
        if (stop !== "") throw this.refusal(`"${stop}" is missing`);
        endWord();
        return { text, words };
    }

    private readSingleQuoted(): string {
        const end = this.source.indexOf("'", this.position + 1);
        if (end < 0) throw this.refusal("a single quote is not closed");
        const text = this.source.slice(this.position + 1, end);
        this.position = end + 1;
        return this.options.raw?.quotes === true ? `'${text}'` : text;
    }

    private readDoubleQuoted(): string {
        const { escapeChar, raw } = this.options;
        const quote = raw?.quotes === true ? '"' : "";
        let text = quote;
        this.position++;
        while (this.position < this.source.length) {
            const char = this.peek();
            if (char === '"') {
                this.position++;
                return text + quote;
            }
            if (char === "$") {
                text += this.readVariable();
                continue;
            }
            this.position++;
            if (char !== escapeChar) {
                text += char;
                continue;
            }
            const next = this.peek();
            if (this.rawEscapes) text += char;
            if (next === '"' || next === "$" || next === escapeChar) {
                text += next;
                this.position++;
            } else if (next !== "") {
                text += char;
            }
        }
        throw this.refusal("a double quote is not closed");
    }

    private readEscaped(): string {
        const escaped = this.source.slice(this.position, this.position + 2);
        this.position += 2;
        return this.rawEscapes ? escaped : escaped.slice(1);
    }

    /** Blanks between `<<` and its word belong to it. */
    private readHeredocSign(): string {
        const sign = /<(?:<[\t\r ]*)?/y;
        sign.lastIndex = this.position;
        const text = sign.exec(this.source)?.[0] ?? "<";
        this.position += text.length;
        return text;
    }

    private readVariable(): string {
        this.position++;
        if (this.peek() !== "{") {
            const name = this.readName();
            return name === "" ? "$" : this.valueOf(name, `$${name}`);
        }
        this.position++;
        if (["", "{", "}", ":"].includes(this.peek())) throw this.refusal("bad substitution");
        const name = this.readName();
        const sign = this.next();
        switch (sign) {
            case "}":
                return this.valueOf(name, `\${${name}}`);
            case ":":
                return this.substitute(name, this.next(), { emptyIsUnset: true });
            case "/":
                return this.replace(name);
            default:
                return this.substitute(name, sign, { emptyIsUnset: false });
        }
    }

    private substitute(name: string, sign: string, how: { emptyIsUnset: boolean }): string {
        const written = `${how.emptyIsUnset ? ":" : ""}${sign}`;
        const unsupported = () =>
            this.refusal(`\${${name}${written}…} is not supported; ${ifNewer}`);
        const isKnownSign = ["-", "+", "?", "#", "%"].includes(sign);
        const trims = sign === "#" || sign === "%";
        if (how.emptyIsUnset ? trims : !isKnownSign) throw unsupported();
        const reasonBefore = this.reason;
        if (++this.depth > depthMax) throw this.refusal("its substitutions are nested too deeply");
        const argument = this.readUntil("}", trims).text;
        this.depth--;
        // An argument that the substitution does not use is not a reason.
        const argumentReason = this.reason;
        this.reason = reasonBefore;
        const value = this.options.lookup(name);
        if (value === undefined && this.options.keepsUnset) {
            return `\${${name}${written}${argument}}`;
        }
        if (!isKnownSign) throw unsupported();
        const text = value === undefined ? "" : this.textOf(value);
        const isOpen = text.includes(gap) && text.replaceAll(gap, "") === "";
        const set = value !== undefined && !(how.emptyIsUnset && text === "");
        if (isOpen || trims || set === (sign === "+")) this.reason ||= argumentReason;
        if (trims) return trim(text, argument, sign);
        // A value with a known part is neither unset nor empty.
        if (isOpen) return gap;
        if (sign === "+") return set ? argument : "";
        if (set) return text;
        if (sign === "-") return argument;
        throw this.refusal(`${name}: ${argument || "must be set"}`);
    }

    private replace(name: string): string {
        const all = this.peek() === "/";
        if (all) this.position++;
        const pattern = this.readUntil("/", true).text;
        const replacement = this.readUntil("}", true).text;
        const value = this.options.lookup(name);
        if (value === undefined && this.options.keepsUnset) {
            return `\${${name}/${pattern}/${replacement}}`;
        }
        const text = value === undefined ? "" : this.textOf(value);
        // Go reads $ as a reference to a group when it replaces all matches, else as plain text.
        if (all && replacement.includes("$")) {
            return this.textOf({ unknown: `the replacement in "${this.source}" contains a $` });
        }
        if (pattern.includes(gap) || text.includes(gap)) return gap;
        const rests = new ShellPattern(pattern).split(text, { all });
        this.grow((rests.length - 1) * replacement.length);
        return rests.join(replacement);
    }

    private valueOf(name: string, written: string): string {
        const value = this.options.lookup(name);
        if (value === undefined) return this.options.keepsUnset ? written : "";
        return this.textOf(value);
    }

    private textOf(value: Value): string {
        if (!isUnknown(value)) {
            this.grow(value.length);
            return value;
        }
        this.reason ||= value.unknown;
        return value.like ?? gap;
    }

    private grow(length: number): void {
        this.growth += length;
        if (this.growth > growthMax) {
            throw this.refusal(`its variables are longer than ${growthMax} characters`);
        }
    }

    private readName(): string {
        const pattern = /\p{Nd}+|[@*#?\-$!0]|[\p{L}\p{Nd}_]+/uy;
        pattern.lastIndex = this.position;
        const name = pattern.exec(this.source)?.[0] ?? "";
        this.position += name.length;
        return name;
    }

    private next(): string {
        const char = this.peek();
        this.position++;
        return char;
    }

    private peek(): string {
        return this.source.charAt(this.position);
    }

    private refusal(what: string): InstructionError {
        return new InstructionError(`cannot expand "${this.source}": ${what}`);
    }
}

function trim(text: string, argument: string, sign: string): string {
    if (text.includes(gap) || argument.includes(gap)) return gap;
    const greedy = argument.startsWith(sign);
    const pattern = new ShellPattern(greedy ? argument.slice(1) : argument);
    return sign === "#" ? pattern.trimStart(text, greedy) : pattern.trimEnd(text, greedy);
}
