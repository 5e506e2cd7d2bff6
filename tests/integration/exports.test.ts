import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { recordBuilds, steps } from "../support/buildRecord";
import { readManifest } from "../support/image";
import { openLab, uniqueName } from "../support/lab";
import { changesOf, succeeded } from "../support/run";
import { newRunner } from "../support/runner";
import { sharedStack } from "../support/sharedStack";
import {
    builderSteps,
    finalSteps,
    tinyFiles,
    tinyProgram,
    writeFolder,
} from "../support/tinyProject";

const project = uniqueName("exports");
const lab = openLab();
const folders = `{ type: "oci", dest: "dist/image" }, { type: "local", dest: "dist/files" }`;
const stack = sharedStack(lab, tinyProgram(project, `exports: [${folders}],`), {
    files: writeFolder(tinyFiles),
});

const layout = join(stack.folder, "dist", "image");
const greeting = join(stack.folder, "dist", "files", "greeting");
const readJson = (...path: string[]) => JSON.parse(readFileSync(join(layout, ...path), "utf8"));
const blob = (digest: string) => ["blobs", ...digest.split(":")];
const allCached = Object.fromEntries([...builderSteps, ...finalSteps].map((s) => [s, "cached"]));

/** Fails unless the layout's only image is the pushed one, with all of its blobs. */
async function assertPushedImage(): Promise<void> {
    const [image, ...others] = readJson("index.json").manifests;
    assert.deepEqual(others, []);
    const { digest, config, layers } = await readManifest(lab.admin, `${project}/tiny`, "latest");
    assert.equal(image.digest, digest);
    assert.equal((await stack.outputs())["digest"], digest);
    const exported = readJson(...blob(digest));
    assert.deepEqual(exported.config, config);
    assert.deepEqual(exported.layers, layers);
    for (const one of [config, ...layers]) {
        assert.ok(existsSync(join(layout, ...blob(one.digest))), one.digest);
    }
}

test("exports the pushed image from the builder's cache, and nothing in a preview", async () => {
    succeeded(await stack.preview());
    assert.equal(existsSync(join(stack.folder, "dist")), false);

    const { result, builds } = await recordBuilds(lab, () => stack.up());
    succeeded(result);
    assert.deepEqual(builds.slice(-2).map(steps), [allCached, allCached]);
    await assertPushedImage();
    assert.equal(readFileSync(greeting, "utf8"), "hello\n");

    assert.deepEqual(changesOf(succeeded(await stack.up())), {});
});

test("exports again when the app image changes, as the plan of a preview says", async () => {
    await writeFile(join(stack.folder, "tiny", "conf.txt"), "changed\n");
    const plan = join(stack.folder, "plan.json");
    succeeded(await stack.preview("--save-plan", plan));
    assert.deepEqual(changesOf(succeeded(await stack.up("--plan", plan))), {
        "tiny-app": "update",
        "tiny-export-oci": "update",
        "tiny-export-local": "update",
    });
    await assertPushedImage();
});

test("writes missing files on a new runner from the stack's cache, but not a missing layout", async () => {
    await rm(join(stack.folder, "dist"), { recursive: true });
    await newRunner(lab);
    const { result, builds } = await recordBuilds(lab, () => stack.up());
    assert.deepEqual(succeeded(result).diffs, { "tiny-export-local": ["exports[0]"] });
    assert.deepEqual(builds.map(steps), [allCached]);
    assert.equal(existsSync(greeting), true);
    assert.equal(existsSync(layout), false);

    assert.deepEqual(succeeded(await stack.refresh()).diffs, {});
    succeeded(await stack.up("--replace", await urnOf("tiny-export-oci")));
    await assertPushedImage();
});

test("reports that no Docker daemon takes the image", async () => {
    await stack.program(tinyProgram(project, `exports: [{ type: "docker" }],`));
    const restore = stack.setEnvironment({ DOCKER_HOST: "unix:///nowhere/docker.sock" });
    const run = await stack.up();
    restore();
    assert.notEqual(run.code, 0, run.output);
    assert.match(
        run.output,
        /no Docker daemon accepts the image; not retried\. Fix: start Docker where you run pulumi, name its address in DOCKER_HOST, or remove the export of type "docker"\./,
    );
});

async function urnOf(name: string): Promise<string> {
    const [urn] = new RegExp(`urn:[^"]*::${name}(?=")`).exec(await stack.state()) ?? [];
    assert.ok(urn, name);
    return urn;
}
