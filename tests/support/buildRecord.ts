import assert from "node:assert/strict";
import {
    type BuildRecord,
    recordBuilds,
    type StepState,
    stepsOf,
} from "../../tools/sandbox/buildRecord";

export { type BuildRecord, recordBuilds };

/** How the chosen steps of several builds ended. */
export function statesOf(
    builds: readonly BuildRecord[],
    isChosen: (step: string) => boolean,
): readonly StepState[] {
    return builds.flatMap((build) =>
        Object.entries(steps(build)).flatMap(([step, state]) => (isChosen(step) ? [state] : [])),
    );
}

/** The steps of a build that must exist. */
export function steps(record: BuildRecord | undefined): Record<string, StepState> {
    assert.ok(record, "there is such a build");
    return stepsOf(record);
}
