import { InstructionError } from "./failure";

/**
 * Splits the value of a flag at commas. A field in double quotes may contain commas; `""` in it is
 * a quote.
 *
 * @param flag the whole flag, for messages
 * @throws InstructionError for an empty value or a misplaced quote.
 */
export function splitCsv(flag: string, text: string): string[] {
    if (text === "") throw new InstructionError(`${flag} is empty`);
    const fields: string[] = [];
    for (let position = 0; position <= text.length; position++) {
        const quoted = /^"((?:[^"]|"")*)"(?=,|$)/.exec(text.slice(position));
        const field = quoted?.[0] ?? text.slice(position).split(",", 1)[0] ?? "";
        if (quoted === null && field.includes('"')) {
            throw new InstructionError(`${flag}: quotes must enclose the whole field`);
        }
        fields.push(quoted?.[1]?.replaceAll('""', '"') ?? field);
        position += field.length;
    }
    return fields;
}

const truths = new Map([
    ...["1", "t", "T", "TRUE", "true", "True"].map((text) => [text, true] as const),
    ...["0", "f", "F", "FALSE", "false", "False"].map((text) => [text, false] as const),
]);

/** Reads a boolean as Go does. @throws InstructionError */
export function parseTruth(what: string, value: string): boolean {
    const truth = truths.get(value);
    if (truth !== undefined) return truth;
    throw new InstructionError(`${what}: "${value}" is not a boolean; expected true or false`);
}
