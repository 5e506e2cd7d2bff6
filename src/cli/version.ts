/** Oldest versions that the package works with. */
export const nodeMinimum = "22.0.0";
/** Resource hooks that repeat failed builds need this version of the engine and of the SDK. */
export const pulumiMinimum = "3.245.0";

/** Whether a version is at least `minimum`, number by number. */
export function reaches(version: string, minimum: string): boolean {
    const [found, needed] = [version, minimum].map((text) =>
        text.replace(/^v/, "").split(/[-+]/)[0]?.split(".").map(Number),
    );
    for (const [at, number] of (needed ?? []).entries()) {
        const difference = (found?.[at] ?? 0) - number;
        if (difference !== 0) return difference > 0;
    }
    return true;
}

/**
 * Whether a version is in a range of comparisons with `>=` and `<`, as the peer dependencies of Pulumi's
 * SDK are. Other ranges contain every version: only what is known to be wrong is a fault.
 */
export function isWithin(version: string, range: string): boolean {
    const comparisons = /^(?:\s*(?:>=|<)\s*[\d.]+)+\s*$/.test(range)
        ? [...range.matchAll(/(>=|<)\s*([\d.]+)/g)]
        : [];
    return comparisons.every(([, sign, bound = ""]) => reaches(version, bound) === (sign === ">="));
}
