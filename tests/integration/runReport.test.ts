import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type BuildRecord, recordBuilds, steps } from "../support/buildRecord";
import { openLab, uniqueName } from "../support/lab";
import { renderedText } from "../support/renderedMarkdown";
import { succeeded } from "../support/run";
import { sharedStack } from "../support/sharedStack";
import {
    builderSteps,
    finalSteps,
    tinyFiles,
    tinyProgram,
    writeFolder,
} from "../support/tinyProject";

const lab = openLab();
const project = uniqueName("report");
const report = "report.md";
const secret = `secret-of-${project}`;
// Unique contents: an earlier run may have left its cache in the BuildKit.
const program = (args = "") =>
    tinyProgram(project, `buildArgs: { GREETING: pulumi.secret("${secret}") }, ${args}`).replace(
        "import",
        'import * as pulumi from "@pulumi/pulumi";\nimport',
    );
const stack = sharedStack(lab, program(), {
    files: writeFolder({ ...tinyFiles, "tiny/shared.txt": project }),
    environment: { HARBOR_BUILD_REPORT: report, HARBOR_BUILD_PAGE: "page.html" },
});

const file = () => join(stack.folder, report);
const read = () => readFileSync(file(), "utf8");
const write = (name: string, text: string) => writeFileSync(join(stack.folder, "tiny", name), text);

/** The cells of the table rows below a heading, by their first `key` cells. */
const rows = (markdown: string) =>
    markdown
        .split("\n")
        .filter((line) => line.startsWith("| <code>"))
        .map((line) => line.slice(2, -2).split(" | ").map(renderedText));

/** The steps in the report of one image, in the words of BuildKit's record. */
function reportedSteps(markdown: string, image: string): Record<string, string> {
    const [, part = ""] = markdown.split(`#### <code>${image}</code>`);
    const [own = ""] = part.split("####");
    return Object.fromEntries(
        rows(own).map(([, text, state]) => [text, state === "ran" ? "built" : state]),
    );
}

/** BuildKit's records; their steps show the secret build argument. */
const recorded = (builds: readonly BuildRecord[]) =>
    builds.map((build) =>
        Object.fromEntries(
            Object.entries(steps(build)).map(([text, state]) => [
                text.replace(secret, "[secret]"),
                state,
            ]),
        ),
    );

test("lists the steps of every image as BuildKit recorded them", async () => {
    const { result: up, builds } = await recordBuilds(lab, () => stack.up());
    succeeded(up);
    const text = read();
    const [stage, app] = recorded(builds);
    assert.deepEqual(Object.keys(stage ?? {}).sort(), [...builderSteps].sort());
    assert.equal(Object.keys(app ?? {}).length, builderSteps.length + finalSteps.length);
    assert.deepEqual(reportedSteps(text, "tiny-stage-build"), stage);
    assert.deepEqual(reportedSteps(text, "tiny-app"), app);
    const { digest } = await stack.outputs();
    const [first, second] = rows(text);
    const named = [first, second].map((cells) => [cells?.[0], cells?.[1], cells?.[3]]);
    assert.deepEqual(named, [
        ["tiny-stage-build", "built and pushed", "2 ran"],
        ["tiny-app", "built and pushed", "2 cached, 3 ran"],
    ]);
    assert.match(first?.[2] ?? "", /^\d+\.\d s$/);
    assert.match(first?.[4] ?? "", /^\d+\.\d [kM]B$/);
    assert.equal(second?.[5], String(digest).slice(0, "sha256:".length + 12));
    assert.match(text, /^### Update of <code>test\/dev<\/code>\n\n2 built and pushed\.\n/);
    assert.match(renderedText(text), /- \*\*Why\*\*: new image\n/);
});

test("draws the stages on the page, without secrets and paths of this machine", async () => {
    const page = readFileSync(join(stack.folder, "page.html"), "utf8");
    assert.match(page, /<desc id="image-1-desc">Stage build: 2 cached, .* Reads build\.<\/desc>/);
    assert.match(
        page,
        /aria-label="waiting \d+\.\d s, base [^"]*, steps \d+\.\d s, export and push \d/,
    );
    for (const text of [page, read()]) {
        assert.ok(!text.includes(stack.folder), "no path of this machine");
        assert.ok(!text.includes(secret), "no secret");
    }
});

test("reports a run without changes, which builds nothing", async () => {
    succeeded(await stack.up());
    assert.equal(
        read(),
        "### Update of <code>test/dev</code>\n\nnothing changed, so nothing is built.\n",
    );
});

test("lists what would be built in the preview of a change, and the reasons in the update", async () => {
    write("conf.txt", `changed in ${project}`);
    succeeded(await stack.preview());
    const planned = read();
    assert.match(planned, /^### Preview of .*\n\n1 would be built, 1 unchanged\.\n/);
    assert.match(planned, /\*\*Why\*\*: the files or the Dockerfile that it reads changed\n/);
    const { result: up, builds } = await recordBuilds(lab, () => stack.up());
    succeeded(up);
    const text = read();
    assert.deepEqual([reportedSteps(text, "tiny-app")], recorded(builds));
    assert.match(
        renderedText(text),
        /\*\*First step that ran\*\*: final stage: COPY shared\.txt conf\.txt \/etc\/tiny\/\n/,
    );
    assert.match(renderedText(text), /\*\*Cache read\*\*: \S+\/tiny\/cache:dev\n/);
    assert.match(rows(text)[0]?.[4] ?? "", /^\d+\.\d [kM]B \([+−±].* [kM]?B\)$/);
});

test("reports the progress of a failed run, with the failed step", async () => {
    write("Dockerfile", (tinyFiles["tiny/Dockerfile"] ?? "").replace("cat /src/lib.txt", "false"));
    const { result: up, builds } = await recordBuilds(lab, () => stack.up());
    assert.notEqual(up.code, 0);
    const text = read();
    assert.deepEqual([reportedSteps(text, "tiny-stage-build")], recorded(builds));
    assert.match(text, /^### Update of .*\n\n1 failed, 1 not reached\.\n/);
    assert.match(renderedText(text), /process "\/bin\/sh -c false .* exit code: 1/);
});

test("lists invalid arguments", async () => {
    await stack.program(program('target: "bild",'));
    assert.notEqual((await stack.preview()).code, 0);
    assert.match(renderedText(read()), /\*\*tiny is invalid:\*\*\n\n<pre>.*target: .*"bild"/);
    await stack.program(program());
});

test("warns once of a report that it cannot write, and the run succeeds", async () => {
    write("Dockerfile", tinyFiles["tiny/Dockerfile"] ?? "");
    const reset = stack.setEnvironment({ HARBOR_BUILD_REPORT: "no/such/folder/report.md" });
    const up = succeeded(await stack.up());
    reset();
    const [, diagnostics = ""] = up.output.split("Diagnostics:");
    const warnings = diagnostics.match(/warning: HARBOR_BUILD_REPORT: cannot write the report/g);
    assert.equal(warnings?.length, 1, up.output);
    assert.equal(existsSync(join(stack.folder, "no")), false);
});
