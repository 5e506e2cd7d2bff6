import { isPlaceholder } from "../text/placeholder";
import { isList, isObject, type Properties, type Property, type PropertyType } from "./property";
import type { Resource } from "./resource";
import { type Bag, hasUnknown, isBag, Unknown } from "./values";

/** The difference of one property. */
export const DiffKind = {
    Add: "add",
    AddReplace: "addReplace",
    Delete: "delete",
    DeleteReplace: "deleteReplace",
    Update: "update",
    UpdateReplace: "updateReplace",
} as const;
export type DiffKind = (typeof DiffKind)[keyof typeof DiffKind];

/** The differences between a resource's state and its inputs. */
export interface Diff {
    /** Differences by property path; empty when nothing differs. */
    readonly detailed: ReadonlyMap<string, DiffKind>;
    /** Top-level properties that require a replacement. */
    readonly replaces: readonly string[];
    /** Whether the old and the new resource cannot exist together. */
    readonly deleteBeforeReplace: boolean;
}

/** Compares the state `olds` with the inputs `news`. */
export function diffResource(resource: Resource, olds: Bag, news: Bag): Diff {
    const detailed = new Map<string, DiffKind>();
    const replaces: string[] = [];
    const special = new Set(resource.replaces?.(olds, news));
    for (const [key, property] of Object.entries(resource.properties)) {
        if (property.outputOnly || property.writeOnly || isKept(property, olds[key], news[key])) {
            continue;
        }
        // A preview without secrets does not know what follows from them.
        if (isPlaceholder(news[key])) continue;
        const found = differences(olds[key], news[key], property, key);
        const replace = property.replace === true || special.has(key);
        for (const [path, kind] of found) {
            detailed.set(path, replace ? replacing(kind) : kind);
        }
        if (found.length > 0 && replace) replaces.push(key);
    }
    return {
        detailed,
        replaces,
        deleteBeforeReplace: replaces.length > 0 && sameIdentity(resource, olds, news),
    };
}

// A missing input keeps the value that Harbor filled in. After an import, the state lacks the values
// that only the program knows.
function isKept(property: Property, old: unknown, wanted: unknown): boolean {
    if (property.local) return old === undefined;
    if (wanted !== undefined) return false;
    return Boolean(property.computed || property.unmanaged || property.autoNamed);
}

function sameIdentity(resource: Resource, olds: Bag, news: Bag): boolean {
    return resource.identity.every((key) => {
        const property = resource.properties[key];
        if (!property || isKept(property, olds[key], news[key])) return true;
        return differences(olds[key], news[key], property, key).length === 0;
    });
}

function replacing(kind: DiffKind): DiffKind {
    if (kind === DiffKind.Add) return DiffKind.AddReplace;
    return kind === DiffKind.Delete ? DiffKind.DeleteReplace : DiffKind.UpdateReplace;
}

type Difference = readonly [path: string, kind: DiffKind];

function differences(
    old: unknown,
    wanted: unknown,
    property: Property,
    path: string,
): readonly Difference[] {
    if (!hasUnknown(wanted) && canonical(old, property) === canonical(wanted, property)) return [];
    if (old === undefined || (isEmpty(old) && old !== property.default))
        return [[path, DiffKind.Add]];
    if (wanted === undefined) return [[path, DiffKind.Delete]];
    return within(old, wanted, property.type, path) ?? [[path, DiffKind.Update]];
}

// Names the differing members when that is more precise than the whole value.
function within(
    old: unknown,
    wanted: unknown,
    type: PropertyType,
    path: string,
): readonly Difference[] | undefined {
    if (isObject(type) && isBag(old) && isBag(wanted)) {
        return Object.entries(type.properties).flatMap(([key, property]) =>
            differences(old[key], wanted[key], property, `${path}.${key}`),
        );
    }
    if (!isList(type) || type.unordered || !Array.isArray(old) || !Array.isArray(wanted)) {
        return undefined;
    }
    const length = Math.max(old.length, wanted.length);
    const element: Property = { type: type.list, description: "" };
    return Array.from({ length }, (_, index) =>
        differences(old[index], wanted[index], element, `${path}[${index}]`),
    ).flat();
}

/**
 * One text for all spellings of a value: with defaults, normalised, and with sorted sets. Empty texts,
 * lists and flags count as absent, because Harbor does not distinguish them.
 */
export function canonical(value: unknown, property: Property): string {
    return JSON.stringify(reduce(value, property)) ?? "";
}

function reduce(value: unknown, property: Property): unknown {
    const filled = value === undefined || isUnset(value, property) ? property.default : value;
    if (filled instanceof Unknown) return { unknown: true };
    // `normalize` accepts values of the property's type, which the check guarantees.
    const normal =
        filled !== undefined && property.normalize ? property.normalize(filled as never) : filled;
    const reduced = reduceType(normal, property.type);
    return isEmpty(reduced) ? undefined : reduced;
}

// The bridge stores 0 for missing numbers.
function isUnset(value: unknown, property: Property): boolean {
    return value === 0 && property.default === undefined && !property.required;
}

function reduceType(value: unknown, type: PropertyType): unknown {
    if (isObject(type) && isBag(value)) return reduceAll(value, type.properties);
    if (isList(type) && Array.isArray(value)) {
        const items = value.map((item) => reduceType(item, type.list));
        if (!type.unordered) return items;
        return [...new Set(items.map((item) => JSON.stringify(item)))].sort();
    }
    if (type === "map" && isBag(value)) return Object.fromEntries(Object.entries(value).sort());
    return value;
}

function reduceAll(value: Bag, properties: Properties): Bag {
    return Object.fromEntries(
        Object.entries(properties).map(([key, property]) => [key, reduce(value[key], property)]),
    );
}

function isEmpty(value: unknown): boolean {
    return (
        value === undefined ||
        value === "" ||
        value === false ||
        (Array.isArray(value) && value.length === 0)
    );
}
