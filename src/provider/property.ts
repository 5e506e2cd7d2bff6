/** A list of values; `unordered` when Harbor keeps it as a set, so that order makes no difference. */
export interface ListType<T extends PropertyType = PropertyType> {
    readonly list: T;
    readonly unordered?: boolean;
}

/** A nested object with a name of its own in the schema. */
export interface ObjectType<P extends Properties = Properties> {
    readonly name: string;
    readonly description: string;
    readonly properties: P;
}

/** Text, number, flag, map of text, list or object. */
export type PropertyType = "string" | "number" | "boolean" | "map" | ListType | ObjectType;

/** One property of a resource, function or nested type. Schema, check and diff all follow from it. */
export interface Property<T extends PropertyType = PropertyType> {
    readonly type: T;
    /** One sentence or more: meaning, unit, default. Goes into the SDK's documentation. */
    readonly description: string;
    /** Must be given. */
    readonly required?: boolean;
    /** Value that counts as given when none is. */
    readonly default?: unknown;
    /** A change makes a new resource. */
    readonly replace?: boolean;
    /** Never shown in the clear. */
    readonly secret?: boolean;
    /** Filled in by Harbor when not given; leaving it out keeps what is there. */
    readonly computed?: boolean;
    /** Left as it is in Harbor when not given, and then not part of the state. */
    readonly unmanaged?: boolean;
    /** Filled in with the logical name and seven random digits when not given. */
    readonly autoNamed?: boolean;
    /** Sent to Harbor, never kept in outputs; a change alone does nothing. */
    readonly writeOnly?: boolean;
    /** Harbor never tells it: known to the program only, and not at all after an import. */
    readonly local?: boolean;
    /** An output that cannot be given. */
    readonly outputOnly?: boolean;
    /** Judges a known value: what was expected, or undefined when it is good. */
    readonly check?: (value: never) => string | undefined;
    /** The form in which two spellings of one value are equal. Also what Harbor is sent. */
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

/** The values that belong to a table of properties, once checked and with defaults filled in. */
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

/** Whether every good state has a value for `property`. */
export function alwaysPresent(property: Property): boolean {
    return Boolean(
        property.outputOnly || property.required || property.computed || property.autoNamed,
    );
}
