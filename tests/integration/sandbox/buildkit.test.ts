import assert from "node:assert/strict";
import { before, test } from "node:test";
import { type Lab, openLab, uniqueName } from "../../support/lab";
import { needingSystemRights } from "../../support/needs";
import { askApi } from "../../support/registry";
import { type BuildOutcome, build, type Credential } from "./buildctl";

const lab: Lab = openLab();
const host = new URL(lab.admin.url).host;
const project = uniqueName("bk");
const other = uniqueName("bk-other");
let pusher: Credential;
let puller: Credential;

async function makeProject(name: string, more: object = {}): Promise<void> {
    const body = { project_name: name, ...more };
    assert.equal((await askApi(lab.admin, "/projects", { method: "POST", body })).status, 201);
}

async function makeRobot(name: string, in_: string, ...actions: string[]): Promise<Credential> {
    const access = actions.map((action) => ({ resource: "repository", action }));
    const permissions = [{ kind: "project", namespace: in_, access }];
    const body = { name, level: "project", duration: -1, permissions };
    const made = await askApi(lab.admin, "/robots", { method: "POST", body });
    assert.equal(made.status, 201);
    const { name: username, secret: password } = made.json as { name: string; secret: string };
    return { username, password };
}

before(async () => {
    await makeProject(project);
    await makeProject(other);
    pusher = await makeRobot("pusher", project, "pull", "push");
    puller = await makeRobot("puller", project, "pull");
});

const push = (reference: string): string[] => [
    "--output",
    `type=image,name=${host}/${reference},push=true`,
];

const cacheTo = (reference: string, ...options: string[]): string[] => [
    "--export-cache",
    [`type=registry,ref=${host}/${reference}`, ...options].join(","),
];

function assertRefused({ code, log }: BuildOutcome, message: RegExp): void {
    assert.notEqual(code, 0);
    assert.match(log, message);
}

test("pushes an image that Harbor lists as a project robot with pull and push", async () => {
    const { code, log } = await build(lab, "one", push(`${project}/app:1`), pusher);
    assert.equal(code, 0, log);
    const { json } = await askApi(lab.admin, `/projects/${project}/repositories/app/artifacts/1`);
    assert.equal((json as { type: string }).type, "IMAGE");
});

test("refuses the first request for a blob without credentials or with another project's", async () => {
    const message = /unexpected status from HEAD request to \S+\/blobs\/sha256:[0-9a-f]+: 401/;
    assertRefused(await build(lab, "a", push(`${project}/app:x`), undefined), message);
    assertRefused(await build(lab, "b", push(`${other}/app:x`), pusher), message);
});

test("reports a missing project like wrong credentials", async () => {
    const outcome = await build(lab, "c", push(`${project}-missing/app:x`), pusher);
    assertRefused(outcome, /unexpected status from HEAD request to \S+: 401 Unauthorized/);
});

test("reports the missing right of a robot that may only pull", async () => {
    const outcome = await build(lab, "pull only", push(`${project}/app:x`), puller);
    const refusal = `unauthorized to access repository: ${project}/app, action: push`;
    assertRefused(outcome, new RegExp(`unauthorized: ${refusal}: ${refusal}`));
});

test("accepts a cache in image form and lists it as UNKNOWN", async () => {
    const form = ["mode=max", "image-manifest=true", "oci-mediatypes=true"];
    const outcome = await build(lab, "cached", cacheTo(`${project}/cache:max`, ...form), pusher);
    assert.equal(outcome.code, 0, outcome.log);
    const path = `/projects/${project}/repositories/cache/artifacts/max`;
    const { json } = await askApi(lab.admin, path);
    const { type, media_type } = json as { type: string; media_type: string };
    const found = { type, media_type };
    const expected = "application/vnd.buildkit.cacheconfig.v0";
    assert.deepEqual(found, { type: "UNKNOWN", media_type: expected });
});

test("refuses a cache in the old form, an index of layers, as not found", async () => {
    const form = ["mode=max", "image-manifest=false", "oci-mediatypes=true"];
    const outcome = await build(lab, "old", cacheTo(`${project}/cache:old`, ...form), pusher);
    const message = `error writing manifest blob: unknown: artifact ${project}/cache@sha256:[0-9a-f]+ not found`;
    assertRefused(outcome, new RegExp(message));
});

test("accepts the same image again under an immutable tag, and no other image", async () => {
    const body = {
        action: "immutable",
        template: "immutable_template",
        tag_selectors: [{ kind: "doublestar", decoration: "matches", pattern: "**" }],
        scope_selectors: {
            repository: [{ kind: "doublestar", decoration: "repoMatches", pattern: "immutable" }],
        },
    };
    const path = `/projects/${project}/immutabletagrules`;
    assert.equal((await askApi(lab.admin, path, { method: "POST", body })).status, 201);
    const args = push(`${project}/immutable:v1`);
    assert.equal((await build(lab, "same", args, pusher)).code, 0);
    assert.equal((await build(lab, "same", args, pusher)).code, 0);
    const message =
        /unknown: Failed to process request due to 'immutable:v1' configured as immutable/;
    assertRefused(await build(lab, "another", args, pusher), message);
});

needingSystemRights("storage quotas")("reports how much a push exceeds the quota", async () => {
    const small = uniqueName("bk-small");
    await makeProject(small, { storage_limit: 1024 });
    const robot = await makeRobot("pusher", small, "pull", "push");
    const outcome = await build(lab, "too big", push(`${small}/app:1`), robot);
    assertRefused(
        outcome,
        /denied: adding [0-9.]+ [KM]iB of storage resource, which when updated to current usage of .* will exceed the configured upper limit of 1\.0 KiB/,
    );
});

test("accepts a missing cache source", async () => {
    const source = `type=registry,ref=${host}/${project}/cache:nope`;
    const { code, log } = await build(lab, "cold", ["--import-cache", source], pusher);
    assert.equal(code, 0, log);
    assert.match(log, /cache:nope: not found/);
});
