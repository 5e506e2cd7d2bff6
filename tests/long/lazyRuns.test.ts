import assert from "node:assert/strict";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { recordBuilds, steps } from "../support/buildRecord";
import { type Lab, openLab, uniqueName } from "../support/lab";
import { all } from "../support/quickstart";
import { askApi } from "../support/registry";
import { newRunner } from "../support/runner";
import { TestStack } from "../support/stack";
import {
    builderSteps,
    finalSteps,
    tinyFiles,
    tinyProgram,
    writeFolder,
} from "../support/tinyProject";

const runs = 16;
const project = uniqueName("lazy");
let lab: Lab;
let stack: TestStack;

before(async () => {
    lab = openLab();
    const files = writeFolder(tinyFiles);
    stack = await TestStack.create(lab, tinyProgram(project), { files });
    const up = await stack.up();
    assert.equal(up.code, 0, up.output);
});

test("hits every step and unpacks no layer in unchanged runs on new runners without the state", async (context) => {
    const { json } = await askApi(lab.admin, `/projects/${project}`);
    const { project_id: id } = json as { project_id: number };
    const adopting = `{ name: "${project}", import: "/projects/${id}" }`;
    await stack.program(tinyProgram(project).replace(`{ name: "${project}" }`, adopting));
    let unpacking = 0;
    for (let run = 0; run < runs; run++) {
        await stack.forget();
        await newRunner(lab);
        const { result: up, builds } = await recordBuilds(lab, () => stack.up());
        assert.equal(up.code, 0, up.output);
        assert.deepEqual(
            builds
                .flatMap((build) => Object.values(steps(build)))
                .filter((one) => one !== "cached"),
            [],
        );
        unpacking += builds.some(({ unpacked }) => unpacked.length > 0) ? 1 : 0;
    }
    context.diagnostic(`${unpacking} of ${runs} runs unpacked a layer`);
    assert.equal(unpacking, 0);
});

test("runs only the final stage on a new runner after a change before COPY --from", async () => {
    for (let run = 0; run < runs / 2; run++) {
        await appendFile(join(stack.folder, "tiny/conf.txt"), "more\n");
        await newRunner(lab);
        const { result: up, builds } = await recordBuilds(lab, () => stack.up());
        assert.equal(up.code, 0, up.output);
        assert.deepEqual(
            builds.map((build) => steps(build)),
            [{ ...all(builderSteps, "cached"), ...all(finalSteps, "built") }],
        );
    }
});

test("runs only the changed step on a new runner after a change behind COPY --from", async () => {
    for (let run = 0; run < runs / 2; run++) {
        const greeting = `hello ${run}`;
        await stack.program(tinyProgram(project, `buildArgs: { GREETING: "${greeting}" },`));
        await newRunner(lab);
        const { result: up, builds } = await recordBuilds(lab, () => stack.up());
        assert.equal(up.code, 0, up.output);
        assert.deepEqual(
            builds.map((build) => steps(build)),
            [
                {
                    ...all([...builderSteps, ...finalSteps.slice(0, 2)], "cached"),
                    [`RUN echo "${greeting}" > /greeting`]: "built",
                },
            ],
        );
    }
});
