import assert from "node:assert/strict";
import {
    type BuildRecord,
    recordBuilds,
    type StepState,
    stepsOf,
} from "../../tools/sandbox/buildRecord";

export { type BuildRecord, recordBuilds };

/** The steps of a build that must exist. */
export function steps(record: BuildRecord | undefined): Record<string, StepState> {
    assert.ok(record, "there is such a build");
    return stepsOf(record);
}
