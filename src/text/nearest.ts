/**
 * The candidate that is nearest to a mistyped word; undefined when more than a third of the letters
 * differ in every candidate.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
    let best: string | undefined;
    let bestDistance = Number.POSITIVE_INFINITY;
    for (const candidate of candidates) {
        const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
        if (distance < bestDistance) {
            best = candidate;
            bestDistance = distance;
        }
    }
    if (best === undefined) return undefined;
    const allowed = Math.max(1, Math.floor(Math.max(word.length, best.length) / 3));
    return bestDistance <= allowed ? best : undefined;
}

/** `; did you mean "x"?` with the nearest candidate; empty when no candidate is near enough. */
export function suggestion(word: string, candidates: Iterable<string>): string {
    const found = nearest(word, candidates);
    return found === undefined ? "" : `; did you mean "${found}"?`;
}

/** Insertions, deletions, substitutions and swaps of neighbours that turn one word into the other. */
function editDistance(a: string, b: string): number {
    let beforeLast: number[] = [];
    let last = Array.from({ length: b.length + 1 }, (_, column) => column);
    for (let i = 1; i <= a.length; i++) {
        const row = [i];
        for (let j = 1; j <= b.length; j++) {
            const same = a[i - 1] === b[j - 1];
            let cost = Math.min(
                at(last, j) + 1,
                at(row, j - 1) + 1,
                at(last, j - 1) + (same ? 0 : 1),
            );
            if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
                cost = Math.min(cost, at(beforeLast, j - 2) + 1);
            }
            row.push(cost);
        }
        beforeLast = last;
        last = row;
    }
    return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
    return row[index] ?? Number.POSITIVE_INFINITY;
}
