import assert from "node:assert/strict";
import type { Run } from "./stack";

/** Fails with the run's output unless the run succeeded; returns the run. */
export function succeeded(run: Run): Run {
    assert.equal(run.code, 0, run.output);
    return run;
}

/** Fails with the run's output unless the run failed; returns the run. */
export function failed(run: Run): Run {
    assert.notEqual(run.code, 0, run.output);
    return run;
}

/** Operations on the resources that a run changes, by logical name. */
export function changesOf({ operations }: Run): Readonly<Record<string, string>> {
    return Object.fromEntries(
        Object.entries(operations).filter(([, operation]) => operation !== "same"),
    );
}
