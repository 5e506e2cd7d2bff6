import { suggestion } from "../text/nearest";
import type { Failure } from "./failure";
import { isList, isObject, type Properties, type Property, type PropertyType } from "./property";
import { type Bag, hasUnknown, isBag, Unknown } from "./values";

/** Inputs after a check, with texts converted to numbers and flags, and all failures. */
export interface Checked {
    readonly inputs: Bag;
    readonly failures: readonly Failure[];
}

/** Checks `given` against a table of properties. Skips unknown values. */
export function checkProperties(given: Bag, properties: Properties, path = ""): Checked {
    const inputs: Record<string, unknown> = {};
    const failures: Failure[] = [];
    for (const [key, value] of Object.entries(given)) {
        if (key.startsWith("__")) continue; // internal properties of the bridge and the engine
        // Every object has members such as `constructor`.
        const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
        if (property === undefined || property.outputOnly) {
            const settable = Object.keys(properties).filter(
                (name) => !properties[name]?.outputOnly,
            );
            failures.push({
                property: path + key,
                reason: property
                    ? "is set by Harbor and cannot be given"
                    : `no such property${suggestion(key, settable)}`,
            });
            continue;
        }
        const checked = checkValue(value, property, path + key);
        failures.push(...checked.failures);
        inputs[key] = checked.value;
    }
    for (const [key, property] of Object.entries(properties)) {
        if (property.required && inputs[key] === undefined && given[key] === undefined) {
            failures.push({
                property: path + key,
                reason: `missing; expected ${kindOf(property.type)}`,
            });
        }
    }
    return { inputs, failures };
}

interface CheckedValue {
    readonly value: unknown;
    readonly failures: readonly Failure[];
}

function checkValue(raw: unknown, property: Property, path: string): CheckedValue {
    const { value, failures } = shape(raw, property.type, path);
    if (failures.length > 0 || hasUnknown(value) || !property.check) return { value, failures };
    // `shape` found no failure, so the value has the type of the table.
    const reason = property.check(value as never);
    return { value, failures: reason === undefined ? [] : [{ property: path, reason }] };
}

function shape(raw: unknown, type: PropertyType, path: string): CheckedValue {
    if (raw instanceof Unknown) return { value: raw, failures: [] };
    if (isList(type)) {
        if (!Array.isArray(raw)) return wrong(raw, "a list", path);
        return gather(raw.map((item, index) => shape(item, type.list, `${path}[${index}]`)));
    }
    if (isObject(type)) {
        if (!isBag(raw)) return wrong(raw, "an object", path);
        const { inputs, failures } = checkProperties(raw, type.properties, `${path}.`);
        return { value: inputs, failures };
    }
    switch (type) {
        case "string":
            if (typeof raw === "string") return good(raw);
            if (typeof raw === "number" || typeof raw === "boolean") return good(String(raw));
            return wrong(raw, "text", path);
        case "number":
            if (typeof raw === "number") return good(raw);
            if (typeof raw === "string" && /^-?\d+(\.\d+)?$/.test(raw)) return good(Number(raw));
            return wrong(raw, "a number", path);
        case "boolean":
            if (typeof raw === "boolean") return good(raw);
            if (raw === "true" || raw === "false") return good(raw === "true");
            return wrong(raw, "true or false", path);
        case "map":
            if (!isBag(raw)) return wrong(raw, "an object of texts", path);
            return good(raw);
    }
}

/** What a value of the type is, with its article. */
function kindOf(type: PropertyType): string {
    if (isList(type)) return "a list";
    if (isObject(type)) return "an object";
    const kinds = {
        string: "text",
        number: "a number",
        boolean: "true or false",
        map: "an object of texts",
    };
    return kinds[type];
}

function gather(items: readonly CheckedValue[]): CheckedValue {
    return {
        value: items.map((item) => item.value),
        failures: items.flatMap((item) => item.failures),
    };
}

function good(value: unknown): CheckedValue {
    return { value, failures: [] };
}

function wrong(raw: unknown, expected: string, path: string): CheckedValue {
    const found = raw === undefined ? "nothing" : JSON.stringify(raw);
    const reason = `${found} is not ${expected}`;
    return { value: raw, failures: [{ property: path, reason, misshapen: true }] };
}
