import { relative } from "node:path";

/** A test or check that failed. */
export interface Failure {
    /** Path of the test file; a check has none. */
    readonly file?: string;
    readonly name: string;
    readonly error?: string;
}

/** Numbers of checks and tests by result. */
export interface Tally {
    readonly passed: number;
    readonly failed: number;
    readonly skipped: number;
    readonly failures: readonly Failure[];
    /** Duration of each test file in milliseconds, by path. */
    readonly files: Readonly<Record<string, number>>;
}

export const nothing: Tally = { passed: 0, failed: 0, skipped: 0, failures: [], files: {} };

export function add(left: Tally, right: Tally): Tally {
    return {
        passed: left.passed + right.passed,
        failed: left.failed + right.failed,
        skipped: left.skipped + right.skipped,
        failures: [...left.failures, ...right.failures],
        files: { ...left.files, ...right.files },
    };
}

/** The last line of a run: `12 passed, 0 failed`, and the number of skipped tests if any. */
export function closingLine({ passed, failed, skipped }: Tally): string {
    const tail = skipped === 0 ? "" : `, ${skipped} skipped`;
    return `${passed} passed, ${failed} failed${tail}`;
}

/** Number of test files that {@link slowestFiles} lists. */
const listedFilesMax = 20;

/** A table of the slowest test files of a run; empty without files. */
export function slowestFiles({ files }: Tally, root: string): string {
    const slowest = Object.entries(files)
        .sort(([, left], [, right]) => right - left)
        .slice(0, listedFilesMax);
    return slowest
        .map(([file, ms]) => `${(ms / 1000).toFixed(1).padStart(7)} s  ${relative(root, file)}\n`)
        .join("");
}

/** Number of lines of an error that {@link failureList} shows. */
const errorLinesMax = 20;

/** The failed tests of a run with their errors; empty when none failed. */
export function failureList({ failures }: Tally, root: string): string {
    return failures
        .map(({ file, name, error }) => {
            const lines = (error?.trimEnd().split("\n") ?? []).slice(0, errorLinesMax);
            const heading = file === undefined ? name : `${relative(root, file)}  ${name}`;
            return [`✖ ${heading}`, ...lines.map((line) => `    ${line}`.trimEnd())].join("\n");
        })
        .map((failure) => `${failure}\n`)
        .join("");
}

/** Whether a run is good: at least one test passed and none failed. A run of skipped tests is not. */
export function isGood({ passed, failed }: Tally): boolean {
    return failed === 0 && passed > 0;
}
