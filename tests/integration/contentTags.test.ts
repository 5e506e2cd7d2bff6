import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readContents } from "../support/harborContents";
import { openLab, uniqueName } from "../support/lab";
import { succeeded } from "../support/run";
import { sharedStack } from "../support/sharedStack";
import type { Run } from "../support/stack";
import { tinyFiles, tinyProgram, writeFolder } from "../support/tinyProject";

const project = uniqueName("content");
const program = (args = "") =>
    `${tinyProgram(project, `tagByContent: true, ${args}`)}
export const references = tiny.references;
`;

const lab = openLab();
const stack = sharedStack(lab, program(), { files: writeFolder(tinyFiles) });

async function up(): Promise<{ run: Run; tags: readonly string[] }> {
    const run = succeeded(await stack.up());
    // The output was given as a list of references.
    const references = (await stack.outputs())["references"] as string[];
    return { run, tags: references.map((one) => one.slice(one.lastIndexOf(":") + 1)) };
}

/** Every tag that Harbor has for the app image. */
async function tagsInHarbor(): Promise<readonly string[]> {
    const contents = await readContents(lab.admin, project);
    return Object.values(contents?.["tiny"] ?? {})
        .flat()
        .sort();
}

test("derives the tag from what the image is built from, and keeps it when nothing of that changes", async () => {
    const first = await up();
    assert.equal(first.tags.length, 1);
    assert.match(first.tags[0] ?? "", /^src-[0-9a-f]{32}$/);
    assert.deepEqual(await tagsInHarbor(), first.tags);

    appendFileSync(join(stack.folder, "tiny/README.md"), "more documentation\n");
    const second = await up();
    assert.deepEqual(second.tags, first.tags);
    assert.equal(second.run.operations["tiny-app"], "same");
});

test("makes another tag for a changed file, build argument, label or instruction, and keeps earlier tags", async () => {
    const earlier = await tagsInHarbor();
    appendFileSync(join(stack.folder, "tiny/lib.txt"), "more\n");
    const { tags: byFile } = await up();
    await stack.program(program('buildArgs: { GREETING: "ahoy" },'));
    const { tags: byArgument } = await up();
    await stack.program(program('buildArgs: { GREETING: "ahoy" }, labels: { team: "shop" },'));
    const { tags: byLabel } = await up();
    appendFileSync(join(stack.folder, "tiny/Dockerfile"), "RUN true\n");
    const { tags: byInstruction } = await up();
    const all = [...earlier, ...byFile, ...byArgument, ...byLabel, ...byInstruction];
    assert.equal(new Set(all).size, 5);
    assert.deepEqual(await tagsInHarbor(), [...all].sort());
});

test("pushes further tags in addition", async () => {
    await stack.program(program('buildArgs: { GREETING: "ahoy" }, tags: ["latest"],'));
    const { tags } = await up();
    assert.match(tags[0] ?? "", /^src-/);
    assert.equal(tags[1], "latest");
});
