import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { recordBuilds, steps } from "../support/buildRecord";
import { readContents, taggedDigest } from "../support/harborContents";
import { readManifest } from "../support/image";
import { type Lab, openLab, uniqueName } from "../support/lab";
import { all } from "../support/quickstart";
import { newRunner } from "../support/runner";
import { TestStack } from "../support/stack";
import {
    builderSteps,
    finalSteps,
    tinyFiles,
    tinyProgram,
    writeFolder,
} from "../support/tinyProject";

const project = uniqueName("scopes");
const guest = (args: string) =>
    tinyProgram(project, args)
        .replace(`name: "${project}"`, `name: "${project}", existing: true`)
        .replace("retainImages: false,", "");
let lab: Lab;
let main: TestStack;

before(async () => {
    lab = openLab();
    main = await TestStack.create(lab, tinyProgram(project), {
        files: writeFolder(tinyFiles),
        stack: "main",
    });
    const up = await main.up();
    assert.equal(up.code, 0, up.output);
});

const cacheTags = async () =>
    Object.entries((await readContents(lab.admin, project))?.["tiny/cache"] ?? {})
        .flatMap(([digest, tags]) => tags.map((tag) => `${tag}@${digest}`))
        .sort();

test("reads main's cache in a pull request's stack that may not write, and leaves that cache unchanged", async () => {
    const cache = await cacheTags();
    const pr = await TestStack.create(
        lab,
        guest('tags: ["pr-7"], cache: { write: false, fallbackScopes: ["main"] },'),
        { files: writeFolder(tinyFiles), stack: "pr-7" },
    );
    await newRunner(lab);
    const { result: up, builds } = await recordBuilds(lab, () => pr.up());
    assert.equal(up.code, 0, up.output);
    assert.deepEqual(
        builds.map((build) => steps(build)),
        [all([...builderSteps, ...finalSteps], "cached")],
    );
    assert.deepEqual(await cacheTags(), cache);
    assert.equal(up.operations["tiny-stage-build"], undefined);
});

test("gives a stack that writes a separate scope, with the stack's name or a given one", async () => {
    const before = await cacheTags();
    const branch = await TestStack.create(
        lab,
        guest('tags: ["branch"], cache: { scope: "feature/x", fallbackScopes: ["main"] },'),
        { files: writeFolder(tinyFiles), stack: "branch" },
    );
    await newRunner(lab);
    const { result: up, builds } = await recordBuilds(lab, () => branch.up());
    assert.equal(up.code, 0, up.output);
    assert.deepEqual(
        builds.map((build) => steps(build)),
        [all(builderSteps, "cached"), all([...builderSteps, ...finalSteps], "cached")],
    );
    const added = (await cacheTags()).filter((one) => !before.includes(one));
    assert.deepEqual(
        added.map((one) => one.slice(0, one.indexOf("@"))),
        ["feature-x_h217d2bf51f", "feature-x_h217d2bf51f__build"],
    );
    assert.deepEqual(
        (await cacheTags()).filter((one) => before.includes(one)),
        before,
    );
});

test("stores the cache of every stage in a cache manifest with the registry backend", async () => {
    const keeper = await TestStack.create(
        lab,
        guest('tags: ["max"], cache: { backend: "registry" },'),
        { files: writeFolder(tinyFiles), stack: "max" },
    );
    await newRunner(lab);
    const first = await keeper.up();
    assert.equal(first.code, 0, first.output);
    assert.equal(first.operations["tiny-stage-build"], undefined);
    const contents = await readContents(lab.admin, project);
    const cache = taggedDigest(contents, "tiny/cache", "max");
    assert.notEqual(cache, taggedDigest(contents, "tiny", "max"));
    const { config } = await readManifest(lab.admin, `${project}/tiny/cache`, "max");
    assert.equal(config.mediaType, "application/vnd.buildkit.cacheconfig.v0");

    appendFileSync(join(keeper.folder, "tiny/conf.txt"), "more\n");
    await newRunner(lab);
    const { result: second, builds } = await recordBuilds(lab, () => keeper.up());
    assert.equal(second.code, 0, second.output);
    assert.deepEqual(
        builds.map((build) => steps(build)),
        [{ ...all(builderSteps, "cached"), ...all(finalSteps, "built") }],
    );
});
