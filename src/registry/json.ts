/** What a JSON value holds by key; nothing when it is no object. The values stay unknown. */
export function record(value: unknown): Readonly<Record<string, unknown>> {
    // Any object can be read by key.
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/** The items of a JSON list; none when it is no list. */
export function list(value: unknown): readonly unknown[] {
    return Array.isArray(value) ? value : [];
}

/** A JSON text; empty when it is none. */
export function text(value: unknown): string {
    return typeof value === "string" ? value : "";
}
