import assert from "node:assert/strict";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { recordBuilds, statesOf } from "../support/buildRecord";
import { openLab, uniqueName } from "../support/lab";
import { ask, basic, pull, type RegistryAccess } from "../support/registry";
import { succeeded } from "../support/run";
import { newRunner } from "../support/runner";
import { newKey } from "../support/signingKeys";
import { TestStack } from "../support/stack";
import { builderSteps, tinyFiles, writeFolder } from "../support/tinyProject";

const lab = openLab();
const name = uniqueName("one-project");
const repository = `${name}/fm`;
const { key } = newKey("p256");

/** A project with content trust, which holds images and caches. */
const program = `
import * as pulumi from "@pulumi/pulumi";
import { CachedImage, ImageProject } from "harbor-build";

const project = new ImageProject("shop", {
    name: "${name}",
    enableContentTrustCosign: true,
    cache: { project: "${name}" },
    retainImages: false,
});
const fm = new CachedImage("fm", {
    project: project.project,
    context: "tiny",
    sign: { key: pulumi.secret(process.env["SIGNING_KEY"] ?? "") },
});
export const digest = fm.digest;
export const account = project.pullCredentials;
`;

let stack: TestStack;
/** As the account of the pull secret. */
let puller: RegistryAccess;

before(async () => {
    stack = await TestStack.create(lab, program, {
        files: writeFolder(tinyFiles),
        environment: { SIGNING_KEY: key },
    });
    await newRunner(lab);
    const up = succeeded(await stack.up());
    assert.doesNotMatch(up.output, /is not signed|was not written/);
    // The output has the shape of RegistryCredentials.
    const { account } = await stack.outputs();
    puller = { ...lab.admin, ...(account as { username: string; password: string }) };
});

/** The status of a manifest for the account of the pull secret. */
async function statusOf(selector: string): Promise<number> {
    const url = `${lab.admin.url}/v2/${repository}/manifests/${selector}`;
    const accept = "application/vnd.oci.image.manifest.v1+json";
    const authorization = `Bearer ${await tokenOf(puller, "pull")}`;
    return (await ask(lab.admin, url, { headers: { accept, authorization } })).status;
}

async function tokenOf(account: RegistryAccess, actions: string): Promise<string> {
    const scope = encodeURIComponent(`repository:${repository}:${actions}`);
    const url = `${lab.admin.url}/service/token?service=harbor-registry&scope=${scope}`;
    const { body } = await ask(lab.admin, url, { headers: { authorization: basic(account) } });
    return JSON.parse(body.toString()).token;
}

test("pushes over signed tags, and reads the signed caches on a new builder, in one project with content trust", async () => {
    const { digest: first } = await stack.outputs();
    assert.equal(await statusOf(String(first)), 200);
    await newRunner(lab);
    await appendFile(join(stack.folder, "tiny", "conf.txt"), "changed\n");
    const { result, builds } = await recordBuilds(lab, () => stack.up());
    succeeded(result);
    assert.doesNotMatch(result.output, /is not signed|was not written|is blocked/);
    const states = statesOf(builds, (step) => builderSteps.includes(step));
    assert.deepEqual([...new Set(states)], ["cached"]);
    const { digest } = await stack.outputs();
    assert.notEqual(digest, first);
    assert.deepEqual(await Promise.all([statusOf("latest"), statusOf(String(digest))]), [200, 200]);
});

test("lets nobody pull an unsigned image that was pushed by hand", async () => {
    const { digest } = await stack.outputs();
    const image = await pull(puller, repository, `manifests/${digest}`);
    const manifest = { ...JSON.parse(image.body.toString()), annotations: { by: "hand" } };
    const headers = {
        authorization: `Bearer ${await tokenOf(lab.admin, "pull,push")}`,
        "content-type": "application/vnd.oci.image.manifest.v1+json",
    };
    const url = `${lab.admin.url}/v2/${repository}/manifests/by-hand`;
    const body = JSON.stringify(manifest);
    assert.equal((await ask(lab.admin, url, { method: "PUT", headers, body })).status, 201);
    assert.equal(await statusOf("by-hand"), 412);
});
