/** A list of values; `unordered` when Harbor stores a set, so that order does not matter. */
export interface ListType<T extends PropertyType = PropertyType> {
    readonly list: T;
    readonly unordered?: boolean;
}

/** A nested object with its own name in the schema. */
export interface ObjectType<P extends Properties = Properties> {
    readonly name: string;
    readonly description: string;
    readonly properties: P;
}

/** Text, number, flag, map of text, list or object. */
export type PropertyType = "string" | "number" | "boolean" | "map" | ListType | ObjectType;

/** One property of a resource, function or nested type. Determines its schema, check and diff. */
export interface Property<T extends PropertyType = PropertyType> {
    readonly type: T;
    /** Meaning, unit and default, in one or more sentences. Becomes the SDK's documentation. */
    readonly description: string;
    /** Whether the value is required. */
    readonly required?: boolean;
    /** Value of a missing input. */
    readonly default?: unknown;
    /** Whether a change replaces the resource. */
    readonly replace?: boolean;
    /** Whether the value is a secret. */
    readonly secret?: boolean;
    /** Whether Harbor fills in a missing value; omitting the input keeps the current value. */
    readonly computed?: boolean;
    /** Whether a missing value stays unchanged in Harbor and out of the state. */
    readonly unmanaged?: boolean;
    /** Whether a missing value becomes the logical name and seven random digits. */
    readonly autoNamed?: boolean;
    /** Whether the value is sent to Harbor and never stored in outputs; a change alone does nothing. */
    readonly writeOnly?: boolean;
    /** Whether Harbor never returns the value, so that only the program knows it; unknown after an import. */
    readonly local?: boolean;
    /** Whether the property is only an output. */
    readonly outputOnly?: boolean;
    /** Checks a known value: returns what was expected, or undefined for a valid value. */
    readonly check?: (value: never) => string | undefined;
    /** Converts all spellings of a value to one. Harbor gets this spelling. */
    readonly normalize?: (value: never) => unknown;
}

/** Properties by name. */
export type Properties = Readonly<Record<string, Property>>;

type Value<T> = T extends "string"
    ? string
    : T extends "number"
      ? number
      : T extends "boolean"
        ? boolean
        : T extends "map"
          ? Readonly<Record<string, string>>
          : T extends { list: infer E }
            ? readonly Value<E>[]
            : T extends { properties: infer P }
              ? Values<P>
              : never;

type Given = { required: true } | { autoNamed: true } | { default: string | number | boolean };

/** The checked values of a table of properties, with defaults. */
export type Values<P> = {
    readonly [K in keyof P]: P[K] extends { type: infer T }
        ? P[K] extends Given
            ? Value<T>
            : Value<T> | undefined
        : never;
};

export function isList(type: PropertyType): type is ListType {
    return typeof type === "object" && "list" in type;
}

export function isObject(type: PropertyType): type is ObjectType {
    return typeof type === "object" && "properties" in type;
}

/** Whether every valid state has a value for `property`. */
export function alwaysPresent(property: Property): boolean {
    return Boolean(
        property.outputOnly || property.required || property.computed || property.autoNamed,
    );
}
