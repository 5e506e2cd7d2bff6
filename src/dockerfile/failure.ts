/** One fault of a Dockerfile. */
export interface DockerfileFailure {
    /** What is wrong, with the value and what was expected. */
    readonly reason: string;
    /** First line of the instruction it is about, counted from 1; absent when it is about the file. */
    readonly line?: number;
}

/** Every fault of a Dockerfile, so that a user can fix them together. */
export class DockerfileError extends Error {
    override readonly name = "DockerfileError" as const;
    readonly failures: readonly DockerfileFailure[];

    constructor(failures: readonly DockerfileFailure[]) {
        super(failures.map(describeFailure).join("\n"));
        this.failures = failures;
    }
}

/** `line 3: …`, or the bare reason when the failure is about the whole file. */
export function describeFailure(failure: DockerfileFailure): string {
    return failure.line === undefined ? failure.reason : `line ${failure.line}: ${failure.reason}`;
}

/** A refusal of one instruction; whoever knows its line turns it into a {@link DockerfileFailure}. */
export class Refusal extends Error {
    override readonly name = "Refusal" as const;
}

/**
 * The candidate that is nearest to a mistyped word, or undefined when none is near enough to be
 * what was meant (more than a third of its letters differ).
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
