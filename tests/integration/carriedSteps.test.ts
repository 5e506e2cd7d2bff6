import assert from "node:assert/strict";
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { recordBuilds } from "../support/buildRecord";
import { openLab, uniqueName } from "../support/lab";
import { succeeded } from "../support/run";
import { newRunner } from "../support/runner";
import { sharedStack } from "../support/sharedStack";
import { tinyProgram, writeFolder } from "../support/tinyProject";

const list = (step: string) => `echo ${step}: $(ls /m1) $(ls /m2)`;
const dockerfile = [
    "FROM alpine:3.22 AS build",
    "COPY modules.txt /src/",
    `RUN ${list("download")}; head -c 30000 /dev/urandom | tee /m1/one > /m2/two`,
    "COPY main.txt /src/",
    `RUN ${list("compile")}; cp /src/main.txt /out`,
    "FROM alpine:3.22",
    "COPY --from=build /out /out",
    "",
].join("\n");

const report = "report.md";
const lab = openLab();
const stack = sharedStack(
    lab,
    tinyProgram(
        uniqueName("steps"),
        'cacheMounts: { build: ["/m1", "/m2"] }, cache: { carryMounts: true },',
    ),
    {
        files: writeFolder({
            "tiny/Dockerfile": dockerfile,
            "tiny/modules.txt": "modules\n",
            "tiny/main.txt": "main\n",
        }),
        environment: { HARBOR_BUILD_REPORT: report },
    },
);

/** What the steps of the stage printed. */
async function printed(): Promise<readonly string[]> {
    const { result, builds } = await recordBuilds(lab, () => stack.up());
    succeeded(result);
    return builds.flatMap(({ output }) => output.split("\n").filter((line) => line !== ""));
}

test("restores every mount for a step that runs after a cached one", async () => {
    await newRunner(lab);
    assert.deepEqual(await printed(), ["download:", "compile: one two"]);
    await newRunner(lab);
    appendFileSync(join(stack.folder, "tiny/main.txt"), "changed\n");
    assert.deepEqual(await printed(), ["compile: one two"]);
    const text = readFileSync(join(stack.folder, report), "utf8");
    const mounts = [...text.matchAll(/\*\*Cache mounts\*\*: (.*)/g)].map(([, line = ""]) =>
        line.replaceAll(/ \([^)]*\)/g, ""),
    );
    const unchanged = "/m1 has its last save, /m2 has its last save";
    assert.deepEqual(mounts, ["/m1 restored, /m2 restored", unchanged], text);
});
