import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type BuildRecord, recordBuilds } from "../support/buildRecord";
import { openLab, uniqueName } from "../support/lab";
import { succeeded } from "../support/run";
import { newRunner } from "../support/runner";
import { sharedStack } from "../support/sharedStack";
import { tinyProgram, writeFolder } from "../support/tinyProject";

// 500 MB in 20,000 files, which do not shrink.
const fill = "n=0; while [ $n -lt 20000 ]; do head -c 25000 /dev/urandom > /m/$n; n=$((n+1)); done";
const dockerfile = [
    "FROM alpine:3.22 AS build",
    "COPY main.txt /src/",
    `RUN --mount=type=cache,target=/m echo "had $(ls /m | wc -l) files"; if [ -z "$(ls /m)" ]; then ${fill}; fi; cp /src/main.txt /out`,
    "FROM alpine:3.22",
    "COPY --from=build /out /out",
    "",
].join("\n");

const lab = openLab();
const stack = sharedStack(lab, tinyProgram(uniqueName("large"), "cache: { carryMounts: true },"), {
    files: writeFolder({ "tiny/Dockerfile": dockerfile, "tiny/main.txt": "main\n" }),
});

/** Time that BuildKit spent on steps, one after the other, in seconds. */
function seconds(builds: readonly BuildRecord[], step: RegExp): string {
    const steps = builds.flatMap(({ vertices }) => vertices).filter(({ name }) => step.test(name));
    assert.notEqual(steps.length, 0);
    return (steps.reduce((sum, { ms = 0 }) => sum + ms, 0) / 1000).toFixed(1);
}

test("carries a mount of 500 MB in 20,000 files to a new builder", async (t) => {
    await newRunner(lab);
    const first = await recordBuilds(lab, () => stack.up());
    succeeded(first.result);
    const save = first.builds.at(-1);
    assert.ok(save);
    await writeFile(join(stack.folder, "tiny/main.txt"), "main, changed\n");
    await newRunner(lab);
    const second = await recordBuilds(lab, () => stack.up());
    succeeded(second.result);
    assert.match(second.builds[0]?.output ?? "", /had 20000 files/);
    t.diagnostic(
        `save: ${seconds([save], /\] (?:RUN|COPY) |^exporting cache/)} s, ` +
            `restore: ${seconds(second.builds.slice(0, 1), /^\[harbor-build-linux-restore-/)} s, ` +
            `load: ${loadavg()[0]?.toFixed(1)}`,
    );
});
