import { secretHider } from "../text/secretSpellings";
import { type Failure, topLevel } from "./failure";
import type { Decoded } from "./values";

const stars = "[secret]";

/**
 * Failures without secrets. The engine prints the value of the property that a failure names, even a
 * secret one. A failure of a secret property therefore names the property in the reason instead.
 */
export function redactFailures(
    failures: readonly Failure[],
    { values }: Decoded,
    secrets: ReadonlySet<string>,
): readonly Failure[] {
    return failures.map(({ property, reason }) => {
        const key = topLevel(property);
        // A failure can quote the value of another property, and in the spelling of JSON.
        const safe = redactText(reason, { values, secrets });
        if (!secrets.has(key)) return { property, reason: safe };
        const shown = textsIn(values[key]).reduce(
            (text, value) => text.replaceAll(value, stars),
            safe,
        );
        return { property: "", reason: `${property}: ${shown}` };
    });
}

/** Shorter values also occur inside other words, where replacing them would reveal them. */
const hiddenLengthMin = 4;

/** `text` without the values of secret properties. */
export function redactText(text: string, { values, secrets }: Decoded): string {
    const texts = [...secrets].flatMap((key) => textsIn(values[key]));
    return secretHider(texts.filter(({ length }) => length >= hiddenLengthMin))(text);
}

function textsIn(value: unknown): string[] {
    if (typeof value === "string") return value === "" ? [] : [value];
    if (typeof value === "number") return [String(value)];
    if (typeof value !== "object" || value === null) return [];
    return Object.values(value).flatMap(textsIn);
}
