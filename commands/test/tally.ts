/** How many checks or tests ended in which way. */
export interface Tally {
    readonly passed: number;
    readonly failed: number;
    readonly skipped: number;
}

export const nothing: Tally = { passed: 0, failed: 0, skipped: 0 };

export function add(left: Tally, right: Tally): Tally {
    return {
        passed: left.passed + right.passed,
        failed: left.failed + right.failed,
        skipped: left.skipped + right.skipped,
    };
}

/** The line a run ends with: `12 passed, 0 failed`, and the skipped when there are some. */
export function closingLine({ passed, failed, skipped }: Tally): string {
    const tail = skipped === 0 ? "" : `, ${skipped} skipped`;
    return `${passed} passed, ${failed} failed${tail}`;
}

/** Whether a run is good: something ran and nothing failed. Silent green is a fault. */
export function isGood({ passed, failed }: Tally): boolean {
    return failed === 0 && passed > 0;
}
