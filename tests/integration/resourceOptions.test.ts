import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readContents, taggedDigest } from "../support/harborContents";
import { openLab, uniqueName } from "../support/lab";
import { changesOf, succeeded } from "../support/run";
import { sharedStack } from "../support/sharedStack";
import { tinyFiles, writeFolder } from "../support/tinyProject";

const first = uniqueName("options");
const [second, third] = [`${first}-2`, `${first}-3`];

/** A program with one component; `opts` are its resource options, as source text. */
const program = ({ name = "tiny", project = first, args = "", opts = "" } = {}) => `
import { CachedImage } from "harbor-build";

new CachedImage("${name}", {
    project: { name: ${JSON.stringify(project)} },
    context: "tiny",
    image: "tiny",
    ${args}
}, {
    ${opts}
});
`;

/** Options that add a resource option to every image of the component. */
const onImages = (option: string) => `transforms: [
    ({ type, props, opts }) =>
        type === "docker-build:index:Image" ? { props, opts: { ...opts, ${option} } } : undefined,
],`;

const lab = openLab();
const stack = sharedStack(lab, program(), { files: writeFolder(tinyFiles), up: true });

test("changes nothing, not even the robot account, when a component is renamed with an alias", async () => {
    await stack.program(program({ name: "renamed", opts: 'aliases: [{ name: "tiny" }],' }));
    const preview = succeeded(await stack.preview("--diff", "--expect-no-changes"));
    assert.deepEqual(preview.operations, {
        renamed: "same",
        "renamed-project": "same",
        "renamed-robot": "same",
        "renamed-stage-build": "same",
        "renamed-app": "same",
    });
});

test("keeps the tags of images whose ignoreChanges a transform sets, also after a build", async () => {
    const args = 'tags: ["2.0"],';
    await stack.program(program({ args, opts: onImages('ignoreChanges: ["tags"]') }));
    assert.deepEqual(changesOf(succeeded(await stack.up())), { tiny: "update" });
    appendFileSync(join(stack.folder, "tiny/conf.txt"), "more\n");
    const run = succeeded(await stack.up());
    assert.deepEqual(changesOf(run), { "tiny-app": "update" });
    assert.deepEqual(run.diffs["tiny-app"], ["contextHash"]);
    const contents = await readContents(lab.admin, first);
    assert.deepEqual(Object.values(contents?.["tiny"] ?? {}).flat(), ["latest"]);
});

test("applies ignoreChanges on the component only to the component's own inputs", async () => {
    await stack.program(program({ args: 'tags: ["3.0"],', opts: 'ignoreChanges: ["tags"],' }));
    const preview = succeeded(await stack.preview());
    assert.deepEqual(changesOf(preview), { "tiny-app": "update" });
    assert.deepEqual(preview.diffs["tiny-app"], ["tags"]);
});

const moved = {
    tiny: "update",
    "tiny-project": "delete-replaced",
    "tiny-robot": "delete-replaced",
    "tiny-stage-build": "update",
    "tiny-app": "update",
};

test("replaces a renamed project: the new one gets the images, the old one keeps its images", async () => {
    const before = await readContents(lab.admin, first);
    await stack.program(program({ project: second }));
    const preview = succeeded(await stack.preview("--diff"));
    assert.deepEqual(changesOf(preview), moved);
    assert.match(preview.output, /Project: \(replace\[retain\]\)/);
    assert.equal(await readContents(lab.admin, second), undefined, "a preview makes nothing");
    assert.deepEqual(changesOf(succeeded(await stack.up())), moved);
    assert.deepEqual(await readContents(lab.admin, first), before);
    const now = await readContents(lab.admin, second);
    assert.match(taggedDigest(now, "tiny", "latest"), /^sha256:/);
    assert.deepEqual(changesOf(succeeded(await stack.up())), {});
});

test("deletes the old project with its images after the new one has them, with retainImages: false", async () => {
    await stack.program(program({ project: second, args: "retainImages: false," }));
    succeeded(await stack.up());
    await stack.program(program({ project: third, args: "retainImages: false," }));
    const preview = succeeded(await stack.preview("--diff"));
    assert.deepEqual(changesOf(preview), moved);
    assert.match(preview.output, /Project: \(replace\)/);
    assert.ok(await readContents(lab.admin, second), "a preview deletes nothing");
    const run = succeeded(await stack.up());
    assert.deepEqual(changesOf(run), moved);
    assert.ok(
        run.output.indexOf("tiny-app updated") < run.output.indexOf("tiny-project deleting"),
        "images first",
    );
    assert.equal(await readContents(lab.admin, second), undefined);
    assert.deepEqual(Object.keys((await readContents(lab.admin, third)) ?? {}).sort(), [
        "tiny",
        "tiny/cache",
    ]);
});
