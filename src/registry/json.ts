/** What a JSON value holds by key; nothing when it is no object. The values stay unknown. */
export function record(value: unknown): Readonly<Record<string, unknown>> {
    // Any object can be read by key.
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
