import { Refusal } from "./failure";

/**
 * The fields of a flag's value, parted by commas; a field in double quotes may contain commas, and
 * `""` for a quote.
 *
 * @param flag the whole flag, for messages
 * @throws Refusal when there is none, or a quote is misplaced.
 */
export function splitCsv(flag: string, text: string): string[] {
    if (text === "") throw new Refusal(`${flag} is empty`);
    const fields: string[] = [];
    for (let position = 0; position <= text.length; position++) {
        const quoted = /^"((?:[^"]|"")*)"(?=,|$)/.exec(text.slice(position));
        const field = quoted?.[0] ?? text.slice(position).split(",", 1)[0] ?? "";
        if (quoted === null && field.includes('"')) {
            throw new Refusal(`${flag}: a quote must open and close the whole field`);
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

/** Reads Go's truth values. @throws Refusal */
export function parseTruth(what: string, value: string): boolean {
    const truth = truths.get(value);
    if (truth !== undefined) return truth;
    throw new Refusal(`${what}: "${value}" is not a truth value; expected true or false`);
}
