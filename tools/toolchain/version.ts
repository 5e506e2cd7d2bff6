/** Whether a version is at least `minimum`, compared number by number without anything after "-" or "+". */
export function reaches(version: string, minimum: string): boolean {
    const found = numbers(version);
    const needed = numbers(minimum);
    for (let i = 0; i < needed.length; i++) {
        const difference = (found[i] ?? 0) - (needed[i] ?? 0);
        if (difference !== 0) {
            return difference > 0;
        }
    }
    return true;
}

function numbers(version: string): number[] {
    return version
        .replace(/^[^0-9]+/, "")
        .replace(/[-+].*$/, "")
        .split(".")
        .map((part) => Number.parseInt(part, 10) || 0);
}

/** The first `1.2.3` (or `1.2`) in a text; undefined when the text has none. */
export function versionIn(text: string): string | undefined {
    return text.match(/\d+\.\d+(\.\d+)?/)?.[0];
}
