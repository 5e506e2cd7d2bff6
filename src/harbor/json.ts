import { RequestError, RequestErrorKind } from "../http/error";

/** A JSON object from Harbor. */
export type Json = Readonly<Record<string, unknown>>;

/** `value` as an object. @throws RequestError naming `what` when `value` is not an object. */
export function object(value: unknown, what: string): Json {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
        throw unexpected(what, "an object", value);
    }
    // Every non-null, non-array object has string keys.
    return value as Json;
}

/** `value` as a list of objects; null and absent are empty lists, because Go writes these so. */
export function objects(value: unknown, what: string): Json[] {
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) throw unexpected(what, "a list", value);
    return value.map((item, index) => object(item, `${what}[${index}]`));
}

/** A text field; undefined when absent. */
export function text(json: Json, key: string): string | undefined {
    const value = json[key];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== "string") throw unexpected(key, "text", value);
    return value;
}

/** A required text field. */
export function requiredText(json: Json, key: string): string {
    const value = text(json, key);
    if (value === undefined) throw unexpected(key, "text", value);
    return value;
}

/** A number field; undefined when absent. */
export function number(json: Json, key: string): number | undefined {
    const value = json[key];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== "number") throw unexpected(key, "a number", value);
    return value;
}

/** A required number field. */
export function requiredNumber(json: Json, key: string): number {
    const value = number(json, key);
    if (value === undefined) throw unexpected(key, "a number", value);
    return value;
}

/** A flag: `true`, or the text "true" in any case, as in Harbor's project metadata. */
export function flag(json: Json, key: string): boolean {
    const value = json[key];
    return value === true || (typeof value === "string" && value.toLowerCase() === "true");
}

function unexpected(what: string, expected: string, value: unknown): RequestError {
    const found = value === undefined ? "nothing" : JSON.stringify(value).slice(0, 80);
    return new RequestError({
        kind: RequestErrorKind.Protocol,
        reason: `unexpected answer: ${what} should be ${expected}, is ${found}`,
    });
}
