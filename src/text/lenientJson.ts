/** A JSON object by key; empty for other values. The members stay `unknown`. */
export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
    // Every object can be read by key.
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/** The items of a JSON list; empty for other values. */
export function asList(value: unknown): readonly unknown[] {
    return Array.isArray(value) ? value : [];
}

/** The items of a JSON list as objects; see {@link asRecord}. */
export function asRecords(value: unknown): readonly Readonly<Record<string, unknown>>[] {
    return asList(value).map(asRecord);
}

/** A JSON string; empty for other values. */
export function asText(value: unknown): string {
    return typeof value === "string" ? value : "";
}

/** A text as JSON. @throws SyntaxError that, unlike the parser's, does not quote the text. */
export function parseJson(text: string): unknown {
    const value = tryParse(text);
    // JSON has no undefined.
    if (value === undefined) throw new SyntaxError("the answer is not JSON");
    return value;
}

/** A text as JSON; undefined when it is none. */
export function tryParse(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}
