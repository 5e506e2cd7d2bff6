import { relative } from "node:path";

/** How many checks or tests ended in which way. */
export interface Tally {
    readonly passed: number;
    readonly failed: number;
    readonly skipped: number;
    /** Duration of each test file in milliseconds, by path. */
    readonly files: Readonly<Record<string, number>>;
}

export const nothing: Tally = { passed: 0, failed: 0, skipped: 0, files: {} };

export function add(left: Tally, right: Tally): Tally {
    return {
        passed: left.passed + right.passed,
        failed: left.failed + right.failed,
        skipped: left.skipped + right.skipped,
        files: { ...left.files, ...right.files },
    };
}

/** The line a run ends with: `12 passed, 0 failed`, and the skipped when there are some. */
export function closingLine({ passed, failed, skipped }: Tally): string {
    const tail = skipped === 0 ? "" : `, ${skipped} skipped`;
    return `${passed} passed, ${failed} failed${tail}`;
}

/** How many test files {@link slowestFiles} lists. */
const listedFilesMax = 20;

/** A table of the slowest test files, so that a run shows what dominates it; empty without files. */
export function slowestFiles({ files }: Tally, root: string): string {
    const slowest = Object.entries(files)
        .sort(([, left], [, right]) => right - left)
        .slice(0, listedFilesMax);
    return slowest
        .map(([file, ms]) => `${(ms / 1000).toFixed(1).padStart(7)} s  ${relative(root, file)}\n`)
        .join("");
}

/** Whether a run is good: something ran and nothing failed. Silent green is a fault. */
export function isGood({ passed, failed }: Tally): boolean {
    return failed === 0 && passed > 0;
}
