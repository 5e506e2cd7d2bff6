import { Fault, invalid } from "./fault";

/**
 * Reads request bodies as Harbor's Go server does, so that an invalid body gets the same message
 * (`json: cannot unmarshal string into Go struct field …`). A null counts as missing.
 */
interface Shape<T> {
    readonly goType: string;
    read(value: unknown, at: Place): T;
    /** Checks made after decoding, by the API description. */
    validate(value: T, path: string): string | undefined;
}

interface Place {
    readonly struct: string;
    readonly path: string;
}

type Fields = Record<string, Shape<unknown>>;
type Value<S> = S extends Shape<infer T> ? T : never;
type Struct<F extends Fields> = { readonly [K in keyof F]?: Value<F[K]> };

/** The type that a body shape reads. */
export type BodyOf<S> = Value<S>;

function kindOf(value: unknown): string {
    if (Array.isArray(value)) {
        return "array";
    }
    return typeof value === "boolean" ? "bool" : typeof value;
}

function mismatch(value: unknown, goType: string, at: Place): Error {
    const integral = typeof value === "number" && goType.includes("int");
    const found = integral ? `number ${value}` : kindOf(value);
    const target =
        at.path === ""
            ? `Go value of type models.${at.struct}`
            : `Go struct field ${at.struct}.${at.path} of type ${goType}`;
    return new Error(`json: cannot unmarshal ${found} into ${target}`);
}

const valid = (): undefined => undefined;

export function string(limits: { maxLength?: number } = {}): Shape<string> {
    return {
        goType: "string",
        read(value, at) {
            if (typeof value !== "string") {
                throw mismatch(value, "string", at);
            }
            return value;
        },
        validate(value, path) {
            const max = limits.maxLength;
            return max !== undefined && value.length > max
                ? `${path} in body should be at most ${max} chars long`
                : undefined;
        },
    };
}

/** A string from a list. */
export function oneOf(...choices: readonly string[]): Shape<string> {
    return {
        ...string(),
        validate: (value, path) =>
            choices.includes(value)
                ? undefined
                : `${path} in body should be one of [${choices.join(" ")}]`,
    };
}

export const boolean: Shape<boolean> = {
    goType: "bool",
    read(value, at) {
        if (typeof value !== "boolean") {
            throw mismatch(value, "bool", at);
        }
        return value;
    },
    validate: valid,
};

export const int64: Shape<number> = {
    goType: "int64",
    read(value, at) {
        if (typeof value !== "number" || !Number.isInteger(value)) {
            throw mismatch(value, "int64", at);
        }
        return value;
    },
    validate: valid,
};

/** Any JSON value, unchanged. */
export const anything: Shape<unknown> = { goType: "interface {}", read: (v) => v, validate: valid };

export function list<T>(item: Shape<T>): Shape<readonly T[]> {
    const goType = `[]${item.goType.startsWith("models.") ? "*" : ""}${item.goType}`;
    return {
        goType,
        read(value, at) {
            if (!Array.isArray(value)) {
                throw mismatch(value, goType, at);
            }
            return value.filter((one) => one !== null).map((one: unknown) => item.read(one, at));
        },
        validate(value, path) {
            for (const [index, one] of value.entries()) {
                const fault = item.validate(one, `${path}.${index}`);
                if (fault !== undefined) {
                    return fault;
                }
            }
            return undefined;
        },
    };
}

export function map<T>(item: Shape<T>): Shape<Readonly<Record<string, T>>> {
    const goType = `map[string]${item.goType}`;
    return {
        goType,
        read(value, at) {
            if (typeof value !== "object" || value === null || Array.isArray(value)) {
                throw mismatch(value, goType, at);
            }
            const entries = Object.entries(value).filter(([, one]) => one !== null);
            return Object.fromEntries(entries.map(([key, one]) => [key, item.read(one, at)]));
        },
        validate: valid,
    };
}

export function struct<F extends Fields>(name: string, fields: F): Shape<Struct<F>> {
    const goType = `models.${name}`;
    return {
        goType,
        read(value, at) {
            if (typeof value !== "object" || value === null || Array.isArray(value)) {
                throw mismatch(value, goType, at);
            }
            const given = new Map<string, unknown>(Object.entries(value));
            const result: Record<string, unknown> = {};
            for (const [key, shape] of Object.entries(fields)) {
                const one = given.get(key);
                if (one !== undefined && one !== null) {
                    const path = at.path === "" ? key : `${at.path}.${key}`;
                    result[key] = shape.read(one, { struct: name, path });
                }
            }
            return result as Struct<F>; // Each field was read with its own shape above.
        },
        validate(value, path) {
            for (const [key, shape] of Object.entries(fields)) {
                const one: unknown = value[key];
                const fault =
                    one === undefined
                        ? undefined
                        : shape.validate(one, path === "" ? key : `${path}.${key}`);
                if (fault !== undefined) {
                    return fault;
                }
            }
            return undefined;
        },
    };
}

/** Parses a body with a shape; `name` is the body's name in the API description. */
export function readBody<T>(text: string, name: string, shape: Shape<T>): T {
    if (text.trim() === "") {
        throw invalid(`${name} in body is required`);
    }
    let value: T;
    try {
        const parsed = parseJson(text);
        value = shape.read(parsed, { struct: shape.goType.replace("models.", ""), path: "" });
    } catch (error) {
        if (error instanceof Fault) {
            throw error;
        }
        const reason = error instanceof Error ? error.message : String(error);
        throw invalid(`parsing ${name} body from "" failed, because ${reason}`);
    }
    const fault = shape.validate(value, "");
    if (fault !== undefined) {
        throw invalid(`validation failure list:\n${fault}`);
    }
    return value;
}

function parseJson(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        throw new Error(syntaxMessage(text));
    }
}

/** Go's messages for the most common mistakes; messages for others differ from Go's. */
function syntaxMessage(text: string): string {
    const key = /^\s*\{\s*([^"}\s])/.exec(text);
    if (key !== null) {
        return `invalid character '${key[1]}' looking for beginning of object key string`;
    }
    const literal = /^\s*n([^u\s])/.exec(text);
    if (literal !== null) {
        return `invalid character '${literal[1]}' in literal null (expecting 'u')`;
    }
    const start = /^\s*([^\s{["0-9tfn-])/.exec(text);
    if (start !== null) {
        return `invalid character '${start[1]}' looking for beginning of value`;
    }
    return "unexpected end of JSON input";
}
