import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { keptBy } from "../support/harborLab";
import { readConfig } from "../support/image";
import { openLab, uniqueName } from "../support/lab";
import { createProject } from "../support/registry";
import { changesOf } from "../support/run";
import { sharedStack } from "../support/sharedStack";
import type { Run } from "../support/stack";
import { tinyFiles, writeFolder } from "../support/tinyProject";

const project = uniqueName("labels");
const revision = "org.opencontainers.image.revision";

/** The time is another one in each run; `args` are further arguments, as source text. */
const program = (args = "") => `
import { CachedImage } from "harbor-build";

const tiny = new CachedImage("tiny", {
    project: { name: ${JSON.stringify(project)}, existing: true },
    context: "tiny",
    registry: process.env["REGISTRY"],
    credentials: {
        username: process.env["PUSH_USER"] ?? "",
        password: process.env["PUSH_PASSWORD"] ?? "",
    },
    labels: { team: "shop" },
    buildLabels: {
        ${JSON.stringify(revision)}: process.env["COMMIT"] ?? "none",
        time: new Date().toISOString(),
    },
    ${args}
});
export const digest = tiny.digest;
`;

const lab = openLab();
const stack = sharedStack(lab, program(), {
    files: writeFolder(tinyFiles),
    environment: {
        REGISTRY: new URL(lab.admin.url).host,
        PUSH_USER: lab.admin.username,
        PUSH_PASSWORD: lab.admin.password,
        // The provider gets no address of Harbor: no declared resource needs it.
        HARBOR_URL: "",
        HARBOR_USERNAME: "",
        HARBOR_PASSWORD: "",
        COMMIT: "1111111",
    },
});

before(async () => {
    await createProject(lab.admin, project);
});

/** Runs as from a checkout of that commit. */
async function at(commit: string, run: () => Promise<Run>): Promise<Run> {
    const undo = stack.setEnvironment({ COMMIT: commit });
    const done = await run();
    undo();
    assert.equal(done.code, 0, done.output);
    return done;
}

const edit = () => appendFileSync(join(stack.folder, "tiny/conf.txt"), "more\n");

async function labels(): Promise<Readonly<Record<string, string>>> {
    const { config } = await readConfig(lab.admin, `${project}/tiny`, "latest");
    return config.Labels ?? {};
}

test("gives the first image the labels of its run without an address of Harbor", async () => {
    const run = await at("1111111", () => stack.up());
    assert.deepEqual(changesOf(run), {
        tiny: "create",
        "tiny-stage-build": "create",
        "tiny-stamp": "create",
        "tiny-app": "create",
    });
    const { time, ...rest } = await labels();
    assert.deepEqual(rest, { [revision]: "1111111", team: "shop" });
    assert.ok(time !== undefined && Date.parse(time) <= Date.now(), time);
});

test("shows no diff, builds nothing and keeps the state for another commit and another time", async () => {
    const before = await labels();
    const kept = await keptBy(stack);
    const preview = await at("2222222", () => stack.preview("--diff", "--expect-no-changes"));
    assert.deepEqual(changesOf(preview), {});
    const run = await at("2222222", () => stack.up());
    assert.deepEqual(changesOf(run), {});
    assert.deepEqual(await labels(), before);
    assert.deepEqual((await keptBy(stack))["tiny-stamp"]?.outputs, kept["tiny-stamp"]?.outputs);
});

test("finds no difference in a refresh", async () => {
    await at("3333333", () => stack.refresh("--expect-no-changes"));
    assert.deepEqual(changesOf(await at("3333333", () => stack.up())), {});
});

test("shows the labels of the next image in the preview of a changed file", async () => {
    edit();
    const preview = await at("4444444", () => stack.preview("--diff"));
    assert.deepEqual(changesOf(preview), { "tiny-stamp": "update", "tiny-app": "update" });
    assert.deepEqual(preview.diffs["tiny-app"], ["contextHash", "labels"]);
    assert.match(preview.output, /revision: "1111111" => "4444444"/);
});

test("gives the image of a changed file the labels of that run, and keeps the builder-stage image", async () => {
    const run = await at("5555555", () => stack.up());
    assert.deepEqual(changesOf(run), { "tiny-stamp": "update", "tiny-app": "update" });
    assert.equal((await labels())[revision], "5555555");
    assert.deepEqual(changesOf(await at("6666666", () => stack.up())), {});
});

test("repeats a failed build with the labels of the failed run", async () => {
    edit();
    // No builder is found: the stamp is renewed, the image is not built.
    const undo = stack.setEnvironment({ DOCKER_CONFIG: writeFolder({}), COMMIT: "7777777" });
    const failed = await stack.up();
    undo();
    assert.notEqual(failed.code, 0, failed.output);
    assert.equal((await labels())[revision], "5555555");
    assert.deepEqual(changesOf(await at("8888888", () => stack.up())), { "tiny-app": "update" });
    assert.equal((await labels())[revision], "7777777");
});

for (const [what, args] of Object.entries({
    "a build argument": 'buildArgs: { GREETING: "ahoy" },',
    "a tag": 'buildArgs: { GREETING: "ahoy" }, tags: ["latest", "2.0"],',
    "the network": 'buildArgs: { GREETING: "ahoy" }, tags: ["latest", "2.0"], network: "none",',
})) {
    test(`gives an image that is built for ${what} the labels of that run`, async () => {
        await stack.program(program(args));
        const run = await at(what, () => stack.up());
        assert.equal(run.operations["tiny-app"], "update");
        assert.equal((await labels())[revision], what);
        assert.deepEqual(changesOf(await at("later", () => stack.up())), {});
    });
}

test("reports Harbor's missing address in the preview of a resource that needs it", async () => {
    await stack.program(
        `${program()}import * as harbor from "@pulumi/harbor";\nnew harbor.Label("wants");\n`,
    );
    const preview = await stack.preview();
    assert.notEqual(preview.code, 0);
    assert.match(preview.output, /url: Harbor's address is missing: `pulumi config set harbor:url/);
    await stack.program(program());
});
