import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import { captureChild } from "../../tools/commands/child";
import { ensureTools } from "../../tools/toolchain/tools";
import { recordBuilds, statesOf } from "../support/buildRecord";
import { type Lab, openLab, uniqueName } from "../support/lab";
import { ask, askApi, basic, pull, repositoryPath } from "../support/registry";
import { collectGarbage, runRetention } from "../support/retention";
import { changesOf, succeeded } from "../support/run";
import { newRunner } from "../support/runner";
import { cosignKey, newKey } from "../support/signingKeys";
import { TestStack } from "../support/stack";
import { builderSteps, tinyFiles, writeFolder } from "../support/tinyProject";

const name = uniqueName("trusted");
let lab: Lab;
let stack: TestStack;
let cosign: string;
let folder: string;

/** A project with content trust, whose caches are in another project. */
const program = `
import * as pulumi from "@pulumi/pulumi";
import { CachedImage, ImageProject } from "harbor-build";
const config = new pulumi.Config();
const project = new ImageProject("shop", {
    name: "${name}",
    enableContentTrustCosign: true,
    cache: { project: "${name}-cache" },
    retainImages: false,
    retention: { images: { count: 1 } },
});
const fm = new CachedImage("fm", {
    project: project.project,
    context: "tiny",
    sbom: "sbom.json",
    sign: { key: config.requireSecret("key"), password: config.requireSecret("password") },
});
export const image = fm.ref;
export const digest = fm.digest;
export const pull = project.pullCredentials;
`;

before(async () => {
    lab = openLab();
    ({ cosign } = await ensureTools(["cosign"]));
    folder = mkdtempSync(join(tmpdir(), "hb-cosign-"));
    const auths = { [new URL(lab.admin.url).host]: { auth: basic(lab.admin).slice(6) } };
    writeFileSync(join(folder, "config.json"), JSON.stringify({ auths }));
    const files = { ...tinyFiles, "sbom.json": '{"spdxVersion":"SPDX-2.3","name":"fm"}' };
    stack = await TestStack.create(lab, program, { files: writeFolder(files) });
    for (const [option, value] of Object.entries({
        key: cosignKey.key,
        password: cosignKey.password,
    })) {
        const set = await stack.pulumi(["config", "set", "--secret", option, "--", value]);
        assert.equal(set.code, 0, set.output);
    }
});

/** Runs `cosign verify` with a public key, as somebody without access to a public log. */
async function verify(
    publicKey: string,
    image: unknown,
    command: readonly string[] = ["verify"],
): Promise<{ code: number; text: string }> {
    const file = join(folder, "key.pub");
    writeFileSync(file, publicKey);
    const args = [...command, "--key", file, "--insecure-ignore-tlog", String(image)];
    const env = { ...lab.environment, DOCKER_CONFIG: folder, HOME: folder };
    const { code, stdout, stderr } = await captureChild(cosign, args, { env });
    return { code, text: `${stdout}${stderr}` };
}

/** The digests of the images that have been deployed, in order. */
const digests: string[] = [];

const manifest = (selector: unknown) => pull(lab.admin, `${name}/fm`, `manifests/${selector}`);

test("cosign verifies images of two runs under content trust, and Harbor serves them", async () => {
    for (const content of ["one\n", "two\n"]) {
        writeFileSync(join(stack.folder, "tiny", "conf.txt"), content);
        succeeded(await stack.up());
        const { image, digest, pull: account } = await stack.outputs();
        digests.push(String(digest));
        const verified = await verify(cosignKey.publicKey, image);
        assert.equal(verified.code, 0, verified.text);
        assert.match(verified.text, new RegExp(`"docker-manifest-digest":"${digest}"`));
        // The account of the pull secret reads what a cluster reads.
        const login = account as { username: string; password: string };
        const pulled = await pull({ ...lab.admin, ...login }, `${name}/fm`, `manifests/${digest}`);
        assert.equal(pulled.status, 200);
        assert.equal((await manifest("latest")).status, 200);
    }
});

test("cosign verifies the attestation of the SBOM, and refuses another type", async () => {
    const { image } = await stack.outputs();
    const attestedAs = (type: string) =>
        verify(cosignKey.publicKey, image, ["verify-attestation", "--type", type]);
    const { code, text } = await attestedAs("spdxjson");
    assert.equal(code, 0, text);
    const line = text.split("\n").find((one) => one.startsWith("{")) ?? "{}";
    const payload = Buffer.from(JSON.parse(line).payload, "base64").toString("utf8");
    assert.deepEqual(JSON.parse(payload).predicate, { spdxVersion: "SPDX-2.3", name: "fm" });
    assert.notEqual((await attestedAs("cyclonedx")).code, 0);
});

/** Verifies the provenance, with a policy. */
async function attested(publicKey: string, image: unknown, policy: string, language: string) {
    const file = join(folder, `policy.${language}`);
    writeFileSync(file, policy);
    const command = ["verify-attestation", "--type", "slsaprovenance1", "--policy", file];
    return verify(publicKey, image, command);
}

/** Policies that accept the images of one stack. */
const cue = (stack: string) =>
    `predicate: buildDefinition: internalParameters: harborBuild: stack: "${stack}"\n`;
const rego = (stack: string) => `package signature
import rego.v1
default allow := false
allow if input.predicate.buildDefinition.internalParameters.harborBuild.stack == "${stack}"
`;

test("cosign verifies the provenance, and checks it with policies in CUE and Rego", async () => {
    const { image } = await stack.outputs();
    const { publicKey } = cosignKey;
    const accepted = await attested(publicKey, image, cue("dev"), "cue");
    assert.equal(accepted.code, 0, accepted.text);
    const line = accepted.text.split("\n").find((one) => one.startsWith("{")) ?? "{}";
    const { predicate } = JSON.parse(
        Buffer.from(JSON.parse(line).payload, "base64").toString("utf8"),
    );
    assert.match(predicate.buildDefinition.resolvedDependencies[0].uri, /^pkg:docker\/alpine@/);
    const alike = await attested(publicKey, image, rego("dev"), "rego");
    assert.equal(alike.code, 0, alike.text);
    for (const [policy, language] of [
        [cue("other"), "cue"],
        [rego("other"), "rego"],
    ] as const) {
        assert.notEqual((await attested(publicKey, image, policy, language)).code, 0);
    }
    const foreign = await attested(newKey("p256").publicKey, image, cue("dev"), "cue");
    assert.notEqual(foreign.code, 0);
});

/** The manifests of an artifact's accessories by Harbor's list. */
async function accessoriesOf(digest: unknown): Promise<readonly string[]> {
    const path = `${repositoryPath(name, "fm")}/artifacts/${digest}/accessories`;
    const { status, json } = await askApi(lab.admin, path);
    assert.equal(status, 200, JSON.stringify(json));
    // Harbor's list of accessories.
    return (json as { digest: string }[]).map((one) => one.digest).sort();
}

async function statusesOf(digests: readonly string[]): Promise<readonly number[]> {
    return Promise.all(digests.map(async (digest) => (await manifest(digest)).status));
}

/** The sandbox collects no garbage, and a Harbor in use would lose images that run by digest. */
const garbage = {
    skip:
        (process.env["HARBOR_URL"] === undefined || process.env["HARBOR_DISPOSABLE"] !== "true") &&
        "deletes every untagged artifact of a Harbor: set HARBOR_URL, and HARBOR_DISPOSABLE=true if nobody uses that Harbor",
};

test(
    "retention and garbage collection delete the signatures of deleted images alone",
    garbage,
    async () => {
        const [old = "", kept = ""] = digests;
        const [ofOld, ofKept] = [await accessoriesOf(old), await accessoriesOf(kept)];
        // Signature, provenance and SBOM.
        assert.deepEqual([ofOld.length, ofKept.length], [3, 3]);
        await runRetention(lab.admin, name);
        await runRetention(lab.admin, `${name}-cache`);
        await collectGarbage(lab.admin);
        assert.deepEqual(await statusesOf([old, ...ofOld]), [404, 404, 404, 404]);
        assert.deepEqual(await statusesOf([kept, ...ofKept]), [200, 200, 200, 200]);
        assert.deepEqual(await accessoriesOf(kept), ofKept);
        const { image } = await stack.outputs();
        const { publicKey } = cosignKey;
        for (const verified of [
            await verify(publicKey, image),
            await attested(publicKey, image, cue("dev"), "cue"),
        ]) {
            assert.equal(verified.code, 0, verified.text);
        }
        // A new builder still reads the signed caches, and nothing is signed again.
        await newRunner(lab);
        succeeded(await stack.refresh());
        assert.deepEqual(changesOf(succeeded(await stack.preview())), {});
        writeFileSync(join(stack.folder, "tiny", "conf.txt"), "three\n");
        const { result, builds } = await recordBuilds(lab, () => stack.up());
        succeeded(result);
        assert.doesNotMatch(result.output, /is not signed|is blocked/);
        const states = statesOf(builds, (step) => builderSteps.includes(step));
        assert.deepEqual([...new Set(states)], ["cached"]);
    },
);

test("cosign refuses another key, another digest and a tampered signature", async () => {
    const { image, digest } = await stack.outputs();
    const other = await verify(newKey("p256").publicKey, image);
    assert.notEqual(other.code, 0);
    assert.match(other.text, /failed to verify signature/);
    const body = (await manifest(digest)).body.toString("utf8");
    const changed = `${body} `;
    const unsigned = await push("tampered", changed);
    const refused = await verify(cosignKey.publicKey, `${String(image).split("@")[0]}@${unsigned}`);
    assert.notEqual(refused.code, 0);
    assert.equal((await manifest("tampered")).status, 412);
});

/** Pushes a manifest by hand, unsigned; returns its digest. */
async function push(tag: string, body: string): Promise<string> {
    const { url } = lab.admin;
    const scope = encodeURIComponent(`repository:${name}/fm:pull,push`);
    const granted = await ask(
        lab.admin,
        `${url}/service/token?service=harbor-registry&scope=${scope}`,
        { headers: { authorization: basic(lab.admin) } },
    );
    const { token } = JSON.parse(granted.body.toString("utf8"));
    const pushed = await ask(lab.admin, `${url}/v2/${name}/fm/manifests/${tag}`, {
        method: "PUT",
        headers: {
            authorization: `Bearer ${token}`,
            "content-type": "application/vnd.oci.image.manifest.v1+json",
        },
        body,
    });
    assert.equal(pushed.status, 201, pushed.body.toString("utf8"));
    return String(pushed.headers["docker-content-digest"]);
}

test("Harbor deletes a signature with its image", async () => {
    const { digest } = await stack.outputs();
    const path = `${repositoryPath(name, "fm")}/artifacts/${digest}`;
    const { json } = await askApi(lab.admin, `${path}/accessories`);
    const [signature] = json as { digest: string }[];
    assert.equal((await manifest(signature?.digest)).status, 200);
    assert.equal((await askApi(lab.admin, path, { method: "DELETE" })).status, 200);
    assert.equal((await manifest(signature?.digest)).status, 404);
});
