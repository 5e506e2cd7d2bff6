import assert from "node:assert/strict";
import { test } from "node:test";
import { recordBuilds, steps } from "../support/buildRecord";
import { openLab, uniqueName } from "../support/lab";
import { changesOf, succeeded } from "../support/run";
import { sharedStack } from "../support/sharedStack";
import {
    builderSteps,
    finalSteps,
    tinyFiles,
    tinyProgram,
    writeFolder,
} from "../support/tinyProject";

const project = uniqueName("fresh");
const lab = openLab();
const stack = sharedStack(lab, tinyProgram(project), { files: writeFolder(tinyFiles), up: true });

async function up(args: string) {
    await stack.program(tinyProgram(project, args));
    const { result, builds } = await recordBuilds(lab, () => stack.up());
    return { run: succeeded(result), builds };
}

const ofSteps = (state: "built" | "cached", ...names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, state]));

test("runs every instruction again with noCache, and leaves a cache for the next build", async () => {
    const { run, builds } = await up("noCache: true,");
    assert.deepEqual(run.diffs["tiny-app"], ["noCache"]);
    assert.deepEqual(builds.map(steps), [
        ofSteps("built", ...builderSteps),
        ofSteps("built", ...builderSteps, ...finalSteps),
    ]);
    const quiet = await up("noCache: true,");
    assert.deepEqual(changesOf(quiet.run), {});

    const next = await up("");
    assert.deepEqual(next.builds.map(steps), [
        ofSteps("cached", ...builderSteps),
        ofSteps("cached", ...builderSteps, ...finalSteps),
    ]);
});

test("builds in every run with pull, from the cache while the base images stay", async () => {
    const images = { "tiny-stage-build": "update", "tiny-app": "update" };
    const first = await up("pull: true,");
    assert.deepEqual(changesOf(first.run), { tiny: "update", ...images });
    const again = await up("pull: true,");
    assert.deepEqual(changesOf(again.run), images);
    assert.deepEqual(again.run.diffs["tiny-app"], ["contextHash"]);
    assert.deepEqual(again.builds.map(steps), [
        ofSteps("cached", ...builderSteps),
        ofSteps("cached", ...builderSteps, ...finalSteps),
    ]);
});
