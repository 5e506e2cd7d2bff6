import assert from "node:assert/strict";
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { recordBuilds, steps } from "../support/buildRecord";
import { openLab, uniqueName } from "../support/lab";
import { createProject } from "../support/registry";
import { succeeded } from "../support/run";
import { newRunner } from "../support/runner";
import { sharedStack } from "../support/sharedStack";
import { writeFolder } from "../support/tinyProject";

const names = ["one", "two", "three"];
const dockerfile = [
    "FROM alpine:3.22 AS build",
    "COPY main.txt /src/",
    // BuildKit repeats what a step printed in the record of each build that shares it.
    "RUN cp /src/main.txt /out && echo run-$(cat /proc/sys/kernel/random/uuid)",
    "FROM alpine:3.22",
    "COPY --from=build /out /out",
    "",
].join("\n");
const files = names.map((name) => ({
    [`${name}/Dockerfile`]: dockerfile,
    [`${name}/main.txt`]: "main\n",
}));

const project = uniqueName("shared");
const report = "report.md";
const lab = openLab();
const { username, password } = lab.admin;

before(async () => {
    await createProject(lab.admin, project);
});

const stack = sharedStack(
    lab,
    `
import { CachedImage } from "harbor-build";

const { TEST_USERNAME: username = "", TEST_PASSWORD: password = "" } = process.env;
for (const context of ${JSON.stringify(names)}) {
    new CachedImage(context, {
        project: { name: "${project}", existing: true },
        context,
        credentials: { username, password },
    });
}
`,
    {
        environment: {
            TEST_USERNAME: username,
            TEST_PASSWORD: password,
            HARBOR_BUILD_REPORT: report,
        },
        files: writeFolder(Object.assign({}, ...files)),
    },
);

test("runs no step of equal images on a new builder after the state is lost", async () => {
    succeeded(await stack.up());
    // No cache exists yet, so each build has errors of its imports.
    assert.doesNotMatch(readFileSync(join(stack.folder, report), "utf8"), /stopped/);
    await stack.forget();
    await newRunner(lab);
    const { result, builds } = await recordBuilds(lab, () => stack.up());
    succeeded(result);
    assert.equal(builds.length, 2 * names.length);
    for (const build of builds) {
        assert.deepEqual([...new Set(Object.values(steps(build)))], ["cached"]);
    }
    assert.doesNotMatch(readFileSync(join(stack.folder, report), "utf8"), /\d+ (?:ran|stopped)/);
});

test("lists a changed step once for each image that shares it, and as often run as BuildKit ran it", async () => {
    for (const name of names) {
        appendFileSync(join(stack.folder, name, "main.txt"), `changed in ${project}\n`);
    }
    const { result, builds } = await recordBuilds(lab, () => stack.up("--parallel", "16"));
    succeeded(result);
    const text = readFileSync(join(stack.folder, report), "utf8");
    const runs = new Set(builds.flatMap(({ output }) => output.match(/run-\S{36}/g) ?? []));
    const reported = [...text.matchAll(/<code>RUN cp [^|]* \| (\w+) \|/g)];
    assert.equal(reported.length, 2 * names.length, text);
    assert.equal(reported.filter(([, outcome]) => outcome === "ran").length, runs.size, text);
    const rows = [...text.matchAll(/<code>COPY main\.txt \/src\/<\/code> \| (\w+) \|/g)];
    assert.equal(rows.length, 2 * names.length, text);
    assert.ok(!rows.some(([, outcome]) => outcome === "stopped"), text);
});
