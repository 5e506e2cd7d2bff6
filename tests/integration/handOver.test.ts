import assert from "node:assert/strict";
import { test } from "node:test";
import { manifestsIn, readContents } from "../support/harborContents";
import { openLab, uniqueName } from "../support/lab";
import { askApi } from "../support/registry";
import { succeeded } from "../support/run";
import { sharedStack } from "../support/sharedStack";
import type { Run } from "../support/stack";
import { tinyFiles, writeFolder } from "../support/tinyProject";

const project = uniqueName("handover");

/** A program whose components have `name` in the project `given`, as source text. */
const program = (name: string, given: string, args = "", before = "", opts = "") => `
import * as harbor from "@pulumi/harbor";
import { CachedImage, ImageProject } from "harbor-build";

${before}
const credentials = {
    username: process.env["PUSH_USER"] ?? "",
    password: process.env["PUSH_PASSWORD"] ?? "",
};
export const ref = new CachedImage("${name}", {
    project: ${given},
    context: "tiny",
    image: "tiny",
    ${args}
}, { ${opts} }).ref;
export const used = [ImageProject, harbor.Provider, credentials.username].length;
`;

const owned = program("tiny", `{ name: "${project}" }`, "retainImages: false,");
const lab = openLab();
const stack = sharedStack(lab, owned, {
    files: writeFolder(tinyFiles),
    environment: { PUSH_USER: lab.admin.username, PUSH_PASSWORD: lab.admin.password },
    up: true,
});

async function projectId(): Promise<number> {
    const { json } = await askApi(lab.admin, `/projects/${project}`);
    return (json as { project_id: number }).project_id;
}

/** Runs \`up\` with a program and checks that Harbor still has every earlier manifest. */
async function keepsImages(source: string): Promise<Run> {
    const before = manifestsIn(await readContents(lab.admin, project));
    assert.ok(before.length >= 2, "there is something to lose");
    await stack.program(source);
    const run = succeeded(await stack.up());
    const now = manifestsIn(await readContents(lab.admin, project));
    const lost = before.filter((manifest) => !now.includes(manifest));
    assert.deepEqual(lost, [], run.output);
    assert.equal((await readContents(lab.admin, project)) === undefined, false);
    return run;
}

test("keeps a project that its component imports by its name", async () => {
    const given = `{ name: "${project}", import: "${project}" }`;
    const run = await keepsImages(program("tiny", given, "retainImages: false,"));
    assert.equal(run.operations["tiny-project"], "delete-replaced");
});

test("keeps a project when a renamed component imports it, although retainImages is false", async () => {
    const given = `{ name: "${project}", import: "/projects/${await projectId()}" }`;
    const run = await keepsImages(program("other", given, "retainImages: false,"));
    assert.equal(run.operations["tiny-project"], "delete");
    assert.match(run.output, /\/projects\/\d+ stays in Harbor: "other-project" manages it now/);
});

test("keeps a project and its retention when it moves into an ImageProject, and again when that is renamed", async () => {
    for (const name of ["shop", "market"]) {
        const before = `const shop = new ImageProject("${name}", { name: "${project}", import: "/projects/${await projectId()}", retainImages: false });`;
        await keepsImages(program("other", "shop.project", "", before));
        const { json } = await askApi(lab.admin, `/projects/${project}`);
        const { metadata } = json as { metadata: { retention_id: string } };
        const policy = await askApi(lab.admin, `/retentions/${metadata.retention_id}`);
        const { rules } = policy.json as { rules: unknown[] };
        assert.ok(rules.length > 0, "the policy has rules");
    }
});

for (const [login, args] of [
    ["a robot account", ""],
    ["given credentials", "credentials,"],
] as const) {
    test(`keeps a project that becomes an existing one for ${login}`, async () => {
        const given = `{ name: "${project}", import: "/projects/${await projectId()}" }`;
        await stack.program(program("tiny", given, `retainImages: false, ${args}`));
        succeeded(await stack.up());
        // An import takes over what Harbor has; forceDestroy arrives with the next run.
        await stack.program(program("tiny", given, `retainImages: false, ${args}`));
        succeeded(await stack.up());
        const run = await keepsImages(
            program("tiny", `{ name: "${project}", existing: true }`, args),
        );
        assert.equal(run.operations["tiny-project"], "delete");
        assert.match(
            run.output,
            /stays in Harbor with its images, because CachedImage "tiny" uses it/,
        );
    });
}

test("keeps a project that becomes an existing one when the program also drops its explicit provider", async () => {
    const given = `{ name: "${project}", import: "/projects/${await projectId()}" }`;
    const registry = `registry: "${new URL(lab.admin.url).host}",`;
    const managing = program(
        "tiny",
        given,
        `retainImages: false, credentials, ${registry}`,
        'const there = new harbor.Provider("there", {});',
        "providers: [there]",
    );
    await stack.program(managing);
    succeeded(await stack.up());
    succeeded(await stack.up());
    const existing = `{ name: "${project}", existing: true }`;
    const run = await keepsImages(program("tiny", existing, `credentials, ${registry}`));
    assert.equal(run.operations["tiny-project"], "delete");
});

test("deletes the project with its images when a stack that manages it is destroyed", async () => {
    const given = `{ name: "${project}", import: "/projects/${await projectId()}" }`;
    await stack.program(program("tiny", given, "retainImages: false,"));
    succeeded(await stack.up());
    succeeded(await stack.up());
    succeeded(await stack.destroy());
    assert.equal(await readContents(lab.admin, project), undefined);
});
