import { Refusal } from "./failure";
import { shellPattern, trimEnd, trimStart } from "./shellPattern";

/** A value that cannot be known before the build, with the reason in words. */
export interface Unknown {
    readonly unknown: string;
}

/** A variable's value: known text, or unknown with its reason. */
export type Value = string | Unknown;

/** Whether a value is unknown. */
export function isUnknown(value: Value): value is Unknown {
    return typeof value !== "string";
}

/** Looks a variable up; undefined means it is known to be unset. */
export type Lookup = (name: string) => Value | undefined;

/**
 * Expands the variables of one word as BuildKit 0.31 does (`$x`, `${x}`, `${x:-y}`, `${x:+y}`,
 * `${x:?y}`, `${x#y}`, `${x%y}`, `${x/y/z}`), and takes quotes and escapes off.
 *
 * @returns the text, or {@link Unknown} when it hangs on a variable whose value is unknown.
 * @throws Refusal for a substitution BuildKit does not take or a variable that must be set.
 */
export function expand(word: string, lookup: Lookup, escapeChar: string): Value {
    const expander = new Expander(word, lookup, escapeChar);
    const text = expander.readUntil("", { keepEscapes: false });
    return expander.unknown ?? text;
}

class Expander {
    /** The first unknown value the word hangs on. */
    unknown: Unknown | undefined;
    private position = 0;
    private readonly word: string;
    private readonly lookup: Lookup;
    private readonly escapeChar: string;

    constructor(word: string, lookup: Lookup, escapeChar: string) {
        this.word = word;
        this.lookup = lookup;
        this.escapeChar = escapeChar;
    }

    /** Reads up to a stop character, or to the end when there is none. */
    readUntil(stop: string, how: { keepEscapes: boolean }): string {
        let text = "";
        while (this.position < this.word.length) {
            const char = this.peek();
            if (stop !== "" && char === stop) {
                this.position++;
                return text;
            }
            if (char === "'") text += this.readSingleQuoted();
            else if (char === '"') text += this.readDoubleQuoted(how);
            else if (char === "$") text += this.readVariable();
            else if (char === this.escapeChar) text += this.readEscaped(how);
            else {
                text += char;
                this.position++;
            }
        }
        if (stop !== "") throw this.refusal(`"${stop}" is missing`);
        return text;
    }

    private readSingleQuoted(): string {
        const end = this.word.indexOf("'", this.position + 1);
        if (end < 0) throw this.refusal("a single quote is not closed");
        const text = this.word.slice(this.position + 1, end);
        this.position = end + 1;
        return text;
    }

    private readDoubleQuoted(how: { keepEscapes: boolean }): string {
        let text = "";
        this.position++;
        while (this.position < this.word.length) {
            const char = this.peek();
            if (char === '"') {
                this.position++;
                return text;
            }
            if (char === "$") {
                text += this.readVariable();
                continue;
            }
            this.position++;
            if (char !== this.escapeChar) {
                text += char;
                continue;
            }
            const next = this.peek();
            if (how.keepEscapes) text += char;
            if (next === '"' || next === "$" || next === this.escapeChar) {
                text += next;
                this.position++;
            } else if (next !== "") {
                text += char;
            }
        }
        throw this.refusal("a double quote is not closed");
    }

    private readEscaped(how: { keepEscapes: boolean }): string {
        const escaped = this.word.slice(this.position, this.position + 2);
        this.position += 2;
        return how.keepEscapes ? escaped : escaped.slice(1);
    }

    private readVariable(): string {
        this.position++;
        if (this.peek() !== "{") {
            const name = this.readName();
            return name === "" ? "$" : this.valueOf(name);
        }
        this.position++;
        if (["", "{", "}", ":"].includes(this.peek())) throw this.refusal("bad substitution");
        const name = this.readName();
        const sign = this.next();
        switch (sign) {
            case "}":
                return this.valueOf(name);
            case ":":
                return this.substitute(name, this.next(), { emptyIsUnset: true });
            case "/":
                return this.replace(name);
            default:
                return this.substitute(name, sign, { emptyIsUnset: false });
        }
    }

    private substitute(name: string, sign: string, how: { emptyIsUnset: boolean }): string {
        const trims = sign === "#" || sign === "%";
        if (!["-", "+", "?", "#", "%"].includes(sign) || (trims && how.emptyIsUnset)) {
            throw this.refusal(
                `\${${name}${how.emptyIsUnset ? ":" : ""}${sign}…} is not supported`,
            );
        }
        const before = this.unknown;
        const argument = this.readUntil("}", { keepEscapes: trims });
        const value = this.lookup(name);
        if (value !== undefined && isUnknown(value)) {
            this.unknown ??= value;
            return "";
        }
        const set = value !== undefined && !(how.emptyIsUnset && value === "");
        // An argument that is not taken does not make the word unknown.
        if (sign === (set ? "-" : "+") || sign === "?") this.unknown = before;
        switch (sign) {
            case "-":
                return set ? value : argument;
            case "+":
                return set ? argument : "";
            case "?":
                if (set) return value;
                throw this.refusal(`${name}: ${argument || "must be set"}`);
            case "#":
                return trimStart(value ?? "", ...trimPattern(argument, sign));
            default:
                return trimEnd(value ?? "", ...trimPattern(argument, sign));
        }
    }

    private replace(name: string): string {
        const all = this.peek() === "/";
        if (all) this.position++;
        const pattern = this.readUntil("/", { keepEscapes: true });
        const replacement = this.readUntil("}", { keepEscapes: true });
        const value = this.valueOf(name);
        // $ is Go's reference to a group in the one case and plain text in the other.
        if (all && replacement.includes("$")) {
            this.unknown ??= { unknown: `the replacement in "${this.word}" holds a $` };
        }
        const expression = new RegExp(shellPattern(pattern, { greedy: true }), all ? "gs" : "s");
        return value.replace(expression, () => replacement);
    }

    private valueOf(name: string): string {
        const value = this.lookup(name);
        if (value === undefined) return "";
        if (!isUnknown(value)) return value;
        this.unknown ??= value;
        return "";
    }

    private readName(): string {
        const rest = this.word.slice(this.position);
        const name = /^(?:\p{Nd}+|[@*#?\-$!0]|[\p{L}\p{Nd}_]+)/u.exec(rest)?.[0] ?? "";
        this.position += name.length;
        return name;
    }

    private next(): string {
        const char = this.peek();
        this.position++;
        return char;
    }

    private peek(): string {
        return this.word.charAt(this.position);
    }

    private refusal(what: string): Refusal {
        return new Refusal(`cannot expand "${this.word}": ${what}`);
    }
}

function trimPattern(argument: string, sign: string): [pattern: string, greedy: boolean] {
    return argument.startsWith(sign) ? [argument.slice(1), true] : [argument, false];
}
