import assert from "node:assert/strict";
import { test } from "node:test";
import { stageGraph } from "../../../src/report/stageGraph";
import { sampleRun } from "../../support/sampleRun";

const buildOf = (index: number) => {
    const build = sampleRun.images[index]?.build;
    assert.ok(typeof build === "object");
    return build;
};

test("places a stage to the right of the stages that it reads, with the worst state of its steps", () => {
    assert.deepEqual(
        stageGraph(buildOf(0), "last").map(({ name, state, from, column, row, ms }) => ({
            name,
            state,
            from,
            place: [column, row],
            ms,
        })),
        [
            { name: "build", state: "ran", from: [], place: [0, 0], ms: 19_520 },
            { name: "zones", state: "cached", from: [], place: [0, 1], ms: 0 },
            { name: "stage-2", state: "ran", from: ["zones", "build"], place: [1, 0], ms: 300 },
        ],
    );
    assert.deepEqual(
        stageGraph(buildOf(1), "last").map(({ name, state, column }) => [name, state, column]),
        [
            ["deps", "ran", 0],
            ["build", "failed", 1],
            ["stage-2", "stopped", 2],
        ],
    );
});

test("gives the only stage of a build the image's name", () => {
    const steps = buildOf(0).steps.map((step) => ({ ...step, stage: undefined }));
    assert.deepEqual(
        stageGraph({ ...buildOf(0), steps }, "build").map(({ name }) => name),
        ["build"],
    );
});
