import { canonical } from "./diff";
import type { Properties } from "./property";
import type { Resource } from "./resource";
import { type Bag, Unknown } from "./values";

/** `inputs` with defaults for missing values. */
export function complete(inputs: Bag, properties: Properties): Bag {
    const result: Record<string, unknown> = { ...inputs };
    for (const [key, property] of Object.entries(properties)) {
        if (result[key] === undefined && property.default !== undefined) {
            result[key] = property.default;
        }
    }
    return result;
}

/** The outputs of a resource after a create or an update with the result `made`. */
export function outputsAfter(
    resource: Resource,
    inputs: Bag,
    made: { id: string; outputs: Bag },
    olds: Bag = {},
): Bag {
    return {
        ...settled(resource, olds),
        ...stored(resource, complete(inputs, resource.properties)),
        ...made.outputs,
        [resource.idAlias]: made.id,
    };
}

/** The known outputs of a future create with `inputs`. */
export function predictCreate(
    resource: Resource,
    inputs: Bag,
    robotPrefix: string | undefined,
): Bag {
    const result: Record<string, unknown> = {};
    for (const [key, property] of Object.entries(resource.properties)) {
        if (property.outputOnly || property.computed) result[key] = Unknown.value;
    }
    return {
        ...result,
        [resource.idAlias]: Unknown.value,
        ...stored(resource, complete(inputs, resource.properties)),
        ...renewed(resource),
        ...resource.predict?.(knownOf(inputs), robotPrefix),
    };
}

/** The known outputs of a future update to `inputs`. */
export function predictUpdate(resource: Resource, id: string, inputs: Bag, olds: Bag): Bag {
    const after = outputsAfter(resource, inputs, { id, outputs: {} }, olds);
    if (resource.renews === undefined) return after;
    return { ...after, ...renewed(resource), ...resource.predict?.(knownOf(inputs), undefined) };
}

function renewed({ renews = [] }: Resource): Bag {
    return Object.fromEntries(renews.map((key) => [key, Unknown.value]));
}

function knownOf(inputs: Bag): Bag {
    return Object.fromEntries(
        Object.entries(inputs).filter(([, value]) => !(value instanceof Unknown)),
    );
}

/** Outputs after a read with the result `found`. Values that only the program knows stay. */
export function outputsRead(
    resource: Resource,
    found: { id: string; outputs: Bag },
    prior: Bag,
): Bag {
    const local = Object.entries(resource.properties).filter(([, property]) => property.local);
    return {
        ...Object.fromEntries(local.map(([key]) => [key, prior[key]])),
        ...found.outputs,
        [resource.idAlias]: found.id,
    };
}

/**
 * Inputs that describe the result of a read. An input that still applies keeps the program's
 * spelling; a value that changed in Harbor has Harbor's spelling. After an import (`prior` is empty)
 * the result has every input that differs from its default.
 */
export function inputsRead(resource: Resource, outputs: Bag, prior: Bag): Bag {
    const imported = Object.keys(prior).length === 0;
    const result: Record<string, unknown> = {};
    for (const [key, property] of Object.entries(resource.properties)) {
        if (property.outputOnly) continue;
        const before = prior[key];
        const now = outputs[key];
        if (property.writeOnly || property.local) {
            result[key] = before;
        } else if (before !== undefined) {
            const same = canonical(before, property) === canonical(now, property);
            result[key] = same ? before : now;
        } else if (imported || !(property.computed || property.unmanaged || property.autoNamed)) {
            const notable = canonical(now, property) !== canonical(undefined, property);
            result[key] = notable || property.required ? now : undefined;
        }
    }
    return result;
}

// Values that stay when an update omits them.
function settled(resource: Resource, olds: Bag): Bag {
    return Object.fromEntries(
        Object.entries(resource.properties)
            .filter(
                ([, property]) => property.outputOnly || property.computed || property.unmanaged,
            )
            .map(([key]) => [key, olds[key]]),
    );
}

function stored(resource: Resource, inputs: Bag): Bag {
    return Object.fromEntries(
        Object.entries(inputs).filter(([key, value]) => {
            const property = resource.properties[key];
            return property !== undefined && !property.writeOnly && value !== undefined;
        }),
    );
}
