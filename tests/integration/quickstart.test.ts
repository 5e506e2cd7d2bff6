import assert from "node:assert/strict";
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { freePort } from "../../tools/sandbox/ports";
import { recordBuilds, steps } from "../support/buildRecord";
import { askUntilUp, readConfig, readManifest, runImage } from "../support/image";
import { type Lab, openLab, uniqueName } from "../support/lab";
import { needingHttps } from "../support/needs";
import {
    all,
    buildSteps,
    finalSteps,
    quickstartFiles,
    quickstartProgram,
} from "../support/quickstart";
import { askApi, projectExists } from "../support/registry";
import { newRunner } from "../support/runner";
import { TestStack } from "../support/stack";

const project = uniqueName("shop");
const children = ["fm", "fm-project", "fm-robot", "fm-stage-build", "fm-app"];
let lab: Lab;
let stack: TestStack;

before(async () => {
    lab = openLab();
    stack = await TestStack.create(lab, quickstartProgram(project), { files: quickstartFiles });
});

/** What a robot account may do, as Harbor lists it. */
interface Access {
    readonly resource: string;
    readonly action: string;
}

const every = (operation: string) => Object.fromEntries(children.map((name) => [name, operation]));

test("declares the project, builds both stages and pushes both images in up", async () => {
    const { result: up, builds } = await recordBuilds(lab, () => stack.up());
    assert.equal(up.code, 0, up.output);
    assert.deepEqual(up.operations, every("create"));
    assert.equal(builds.length, 2);
    assert.deepEqual(Object.keys(steps(builds[0])).sort(), [...buildSteps].sort());

    const outputs = await stack.outputs();
    const digest = String(outputs["digest"]);
    assert.match(digest, /^sha256:[0-9a-f]{64}$/);
    const host = new URL(lab.admin.url).host;
    assert.equal(outputs["registry"], host);
    assert.equal(outputs["project"], project);
    assert.equal(outputs["image"], `${host}/${project}/fm:1.0.0@${digest}`);
});

test("leaves the project, the robot account, both images and their cache in Harbor", async () => {
    const digest = String((await stack.outputs())["digest"]);
    const found = await askApi(lab.admin, `/projects/${project}/repositories/fm/artifacts`);
    assert.equal(found.status, 200);
    assert.deepEqual(
        (found.json as { digest: string; type: string; tags: { name: string }[] }[]).map(
            (artifact) => [artifact.digest, artifact.type, artifact.tags.map(({ name }) => name)],
        ),
        [[digest, "IMAGE", ["1.0.0"]]],
    );
    const builderImage = await readConfig(lab.admin, `${project}/fm/cache`, "dev__build");
    assert.ok(builderImage["moby.buildkit.cache.v0"], "the builder-stage image carries its cache");
    const { config } = await readManifest(lab.admin, `${project}/fm/cache`, "dev");
    assert.equal(config.mediaType, "application/vnd.buildkit.cacheconfig.v0");
    const { json } = await askApi(lab.admin, `/projects/${project}`);
    const { project_id: id } = json as { project_id: number };
    const robots = await askApi(lab.admin, `/robots?q=Level=project,ProjectID=${id}`);
    const [{ permissions } = { permissions: [] }, ...others] = robots.json as {
        permissions: readonly { kind: string; namespace: string; access: readonly Access[] }[];
    }[]; // Harbor's list of robot accounts
    assert.deepEqual(others, []);
    // Harbor keeps no order.
    const allowed = permissions.map(({ access, ...where }) => ({
        ...where,
        access: access.map(({ resource, action }) => `${action} ${resource}`).sort(),
    }));
    assert.deepEqual(allowed, [
        { kind: "project", namespace: project, access: ["pull repository", "push repository"] },
    ]);
});

test("runs the pushed image, which answers with its configuration and the time zone", async () => {
    const port = await freePort();
    const app = await runImage(lab.admin, `${project}/fm`, "1.0.0", [
        "-listen",
        `127.0.0.1:${port}`,
    ]);
    try {
        const answer = (await askUntilUp(`http://127.0.0.1:${port}/`)) as Record<string, string>;
        assert.equal(answer["greeting"], "hello from harbor-build");
        assert.equal(answer["zone"], "CST");
        assert.match(answer["time"] ?? "", /\+08:00$/);
    } finally {
        await app.stop();
    }
});

test("changes nothing and builds nothing in another up", async () => {
    const { result: up, builds } = await recordBuilds(lab, () => stack.up());
    assert.equal(up.code, 0, up.output);
    assert.deepEqual(up.operations, every("same"));
    assert.deepEqual(builds, []);
});

test("finds nothing to change in a refresh", async () => {
    const refresh = await stack.refresh("--expect-no-changes");
    assert.equal(refresh.code, 0, refresh.output);
});

test("builds from the step that reads a changed source on a new runner", async () => {
    await appendFile(join(stack.folder, "fm/cmd/main.go"), "\n// changed\n");
    await newRunner(lab);
    const { result: up, builds } = await recordBuilds(lab, () => stack.up());
    assert.equal(up.code, 0, up.output);
    assert.equal(up.operations["fm-stage-build"], "update");
    assert.deepEqual(steps(builds[0]), {
        ...all(buildSteps.slice(0, 3), "cached"),
        ...all(buildSteps.slice(3), "built"),
    });
});

test("hits the cache for every step of both images after BuildKit's and Pulumi's state are lost", async () => {
    const { json } = await askApi(lab.admin, `/projects/${project}`);
    const { project_id: id } = json as { project_id: number };
    const before = await stack.outputs();
    await stack.forget();
    await newRunner(lab);
    await stack.program(
        quickstartProgram(project).replace(
            `name: "${project}"`,
            `name: "${project}", import: "/projects/${id}"`,
        ),
    );
    const { result: up, builds } = await recordBuilds(lab, () => stack.up());
    assert.equal(up.code, 0, up.output);
    assert.equal(up.operations["fm-project"], "import");
    assert.equal(builds.length, 2);
    for (const build of builds) {
        const outcomes = steps(build);
        assert.ok(Object.keys(outcomes).length > 0);
        assert.deepEqual(outcomes, all(Object.keys(outcomes), "cached"));
    }
    assert.deepEqual(Object.keys(steps(builds[0])).sort(), [...buildSteps].sort());
    assert.ok(finalSteps.every((step) => step in steps(builds[1])));
    assert.equal((await stack.outputs())["digest"], before["digest"], "the same image");
    await stack.program(quickstartProgram(project));
    const next = await stack.up();
    assert.equal(next.code, 0, next.output);
    // The program no longer names a project to import.
    assert.deepEqual(next.operations, { ...every("same"), fm: "update" });
});

needingHttps("refresh")(
    "finds an image that was deleted by hand in a refresh, and builds it again",
    async () => {
        const path = `/projects/${project}/repositories/fm/artifacts/1.0.0`;
        assert.equal((await askApi(lab.admin, path, { method: "DELETE" })).status, 200);
        const refresh = await stack.refresh();
        assert.equal(refresh.code, 0, refresh.output);
        const up = await stack.up();
        assert.equal(up.code, 0, up.output);
        assert.deepEqual(up.operations, { ...every("same"), "fm-app": "create" });
        assert.equal((await askApi(lab.admin, path)).status, 200);
    },
);

test("keeps the robot account's secret out of the plain-text state", async () => {
    const state = await stack.state();
    const robot = JSON.parse(state).deployment.resources.find(({ urn }: { urn: string }) =>
        urn.endsWith("::fm-robot"),
    );
    assert.deepEqual(Object.keys(robot.outputs.secret).sort(), [
        "4dabf18193072939515e22adb298388d",
        "ciphertext",
    ]);
});

test("deletes the project with its images in destroy, as the program asks", async () => {
    const destroy = await stack.destroy();
    assert.equal(destroy.code, 0, destroy.output);
    assert.equal(await projectExists(lab.admin, project), false);
});

test("fails the preview of an unreadable Dockerfile with its path", async () => {
    const file = join(stack.folder, "fm/Dockerfile");
    const text = await readFile(file, "utf8");
    await writeFile(file, "FORM golang\n");
    const preview = await stack.preview();
    await writeFile(file, text);
    assert.notEqual(preview.code, 0);
    assert.match(preview.output, /dockerfile: fm\/Dockerfile: line 1: /);
    assert.doesNotMatch(preview.output, /^\s+at /m);
});
