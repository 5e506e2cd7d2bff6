import * as pulumi from "@pulumi/pulumi";
import { nearest } from "../text/nearest";
import { type Fault, UserError } from "./userError";

/** Which values an argument accepts. An object of shapes describes all arguments of a component. */
export interface Shape {
    /** The type with its article: `a string`. */
    readonly expected: string;
    readonly accepts: (value: unknown) => boolean;
    /** The allowed values, for an enumeration. */
    readonly values?: readonly string[];
    /** The members of an object, by name. */
    readonly members?: Readonly<Record<string, Shape>>;
    /** The shape of a list's items, or of an object's values. */
    readonly items?: Shape;
    /** Whether the value may be an `Output` or a `Promise`. */
    readonly isInput?: true;
    /** An example value; set for required arguments. */
    readonly example?: string;
}

/** One shape for each member of `T`: a new argument without a shape does not compile. */
type Members<T> = { readonly [K in keyof T]-?: Shape };

export const text: Shape = { expected: "a string", accepts: (value) => typeof value === "string" };
export const number: Shape = {
    expected: "a number",
    accepts: (value) => typeof value === "number",
};
export const flag: Shape = {
    expected: "true or false",
    accepts: (value) => typeof value === "boolean",
};
export const callback: Shape = {
    expected: "a function",
    accepts: (value) => typeof value === "function",
};
/** One of the strings in a constant object. */
export const oneOf = (values: Readonly<Record<string, string>>): Shape => ({
    ...text,
    values: Object.values(values),
});
export const list = (items: Shape): Shape => ({
    expected: "a list",
    accepts: Array.isArray,
    items,
});
/** An object with arbitrary keys. */
export const map = (items: Shape): Shape => ({ expected: "an object", accepts: isObject, items });
export const object = <T>(members: Members<T>): Shape => ofMembers(members);
/** An object with these members. */
export const ofMembers = (members: Readonly<Record<string, Shape>>): Shape => ({
    expected: "an object",
    accepts: isObject,
    members,
});
export const input = (shape: Shape): Shape => ({ ...shape, isInput: true });
export const required = (shape: Shape, example: string): Shape => ({ ...shape, example });

/**
 * Rejects missing arguments and wrong types. TypeScript rules these out, JavaScript does not. All
 * other checks may rely on the types.
 *
 * @throws UserError with every fault.
 */
export function checkTypes(subject: string, shape: Shape, args: unknown): void {
    const faults = faultsBy(typeFault, shape, args);
    if (faults.length > 0) {
        const others = [...valueFaults(shape, args), ...unknownArguments(shape, args)];
        throw new UserError(subject, [...faults, ...others]);
    }
}

/** The arguments whose value is not an allowed one. */
export function valueFaults(shape: Shape, args: unknown): Fault[] {
    return faultsBy(valueFault, shape, args);
}

/** A warning for every argument that does not exist. */
export function unknownWarnings(shape: Shape, args: unknown): readonly string[] {
    return unknownArguments(shape, args).map(({ path, message }) => `${path}: ${message}`);
}

/**
 * The arguments that do not exist. Pulumi's SDKs ignore these too, and a program may pass an object
 * with members of its own, so they are no reason to stop. Instances of classes may have any members.
 */
function unknownArguments(shape: Shape, args: unknown): Fault[] {
    return [...visit({ path: "", shape, value: args ?? {} })].flatMap(({ path, shape, value }) => {
        const { members } = shape;
        if (members === undefined || !isPlain(value)) return [];
        const names = Object.keys(members);
        return Object.entries(value)
            .filter(([name, given]) => given !== undefined && !names.includes(name))
            .map(([name]) => ({ path: memberPath(path, name), message: unknown(name, names) }));
    });
}

function unknown(name: string, names: readonly string[]): string {
    return `there is no such argument, and it has no effect.${nearestHint(name, names)}`;
}

/** A sentence that names the nearest known one; empty if none is near. */
function nearestHint(given: string, known: readonly string[]): string {
    const near = nearest(given, known);
    return near === undefined ? "" : ` Did you mean "${near}"?`;
}

interface Visited {
    readonly path: string;
    readonly shape: Shape;
    readonly value: unknown;
}

function faultsBy(
    findFault: (visited: Visited) => string | undefined,
    shape: Shape,
    args: unknown,
): Fault[] {
    return [...visit({ path: "", shape, value: args ?? {} })].flatMap((visited) => {
        const message = findFault(visited);
        return message === undefined ? [] : [{ path: visited.path || "args", message }];
    });
}

/** An argument and its members, as far as their types are right. */
function* visit(visited: Visited): Generator<Visited> {
    yield visited;
    const { path, shape, value } = visited;
    if (isKnownLater(value) || !shape.accepts(value)) {
        return;
    }
    const entries = Object(value);
    for (const [name, member] of Object.entries(shape.members ?? {})) {
        yield* visit({ path: memberPath(path, name), shape: member, value: entries[name] });
    }
    if (shape.items === undefined) {
        return;
    }
    const item = { ...shape.items, example: shape.items.example ?? "" };
    for (const key of Object.keys(entries)) {
        const itemPath = Array.isArray(value) ? `${path}[${key}]` : memberPath(path, key);
        yield* visit({ path: itemPath, shape: item, value: entries[key] });
    }
}

function memberPath(path: string, name: string): string {
    if (!/^[\w$]+$/.test(name)) {
        return `${path}["${name}"]`;
    }
    return path === "" ? name : `${path}.${name}`;
}

function typeFault({ shape, value }: Visited): string | undefined {
    const { expected, example } = shape;
    const hint = example ? `, for example ${example}` : "";
    if (value === undefined) {
        return example === undefined ? undefined : `missing. Expected ${expected}${hint}.`;
    }
    if (isKnownLater(value)) {
        return shape.isInput
            ? undefined
            : `known only when the program runs. Expected ${expected} as a plain value: every preview needs it.`;
    }
    // Leave the value out: it may be a secret.
    return shape.accepts(value) ? undefined : `${typeName(value)}. Expected ${expected}${hint}.`;
}

function valueFault({ shape, value }: Visited): string | undefined {
    const { values } = shape;
    if (values === undefined || typeof value !== "string" || values.includes(value)) {
        return undefined;
    }
    const quoted = values.map((one) => `"${one}"`);
    const choice = `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)}`;
    return `unknown value "${value}". Expected ${choice}.${nearestHint(value, values)}`;
}

function typeName(value: unknown): string {
    if (value === null) {
        return "null";
    }
    if (Array.isArray(value)) {
        return "a list";
    }
    return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function isObject(value: unknown): boolean {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isPlain(value: unknown): value is object {
    const prototype = isObject(value) ? Object.getPrototypeOf(value) : undefined;
    return prototype === null || prototype === Object.prototype;
}

function isKnownLater(value: unknown): boolean {
    return pulumi.Output.isInstance(value) || typeof Object(value).then === "function";
}
