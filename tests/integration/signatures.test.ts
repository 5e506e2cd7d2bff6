import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { type HarborLab, openHarborLab } from "../support/harborLab";
import { uniqueName } from "../support/lab";
import { askApi, listApi, pull, repositoryPath } from "../support/registry";
import { succeeded } from "../support/run";
import { secretsIn } from "../support/secretSearch";
import { cosignKey, newKey } from "../support/signingKeys";
import { TestStack } from "../support/stack";
import { tinyFiles, tinyProgram, writeFolder } from "../support/tinyProject";

const name = uniqueName("signed");
const program = (key = 'config.requireSecret("key")') => `
import { Config } from "@pulumi/pulumi";
const config = new Config();
${tinyProgram(name, `sign: { key: ${key}, password: config.getSecret("password") },`)}`;
let harbor: HarborLab;
let stack: TestStack;

before(async () => {
    harbor = await openHarborLab();
    stack = await TestStack.create(harbor.lab, program(), { files: writeFolder(tinyFiles) });
    await setKey(cosignKey.key, cosignKey.password);
});

/** Sets the key in the stack's configuration, encrypted. */
async function setKey(key: string, password = ""): Promise<void> {
    for (const [option, value] of Object.entries({ key, password })) {
        const set = await stack.pulumi(["config", "set", "--secret", option, "--", value]);
        assert.equal(set.code, 0, set.output);
    }
}

const artifactPath = `${repositoryPath(name, "tiny")}/artifacts`;

/** Digests of the signatures that Harbor lists for an image. */
async function signaturesOf(digest: unknown): Promise<readonly string[]> {
    const path = `${artifactPath}/${digest}/accessories`;
    const found = await listApi<{ digest: string; type: string }>(harbor.lab.admin, path);
    assert.deepEqual(
        found.filter((one) => one.type !== "signature.cosign"),
        [],
    );
    return found.map((one) => one.digest);
}

/** The lines of a key that nobody else may read. */
const secretLines = (key: string) => key.split("\n").filter((line) => /^[\w+/=]{20,}$/.test(line));

const changed = (operations: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(operations).filter(([, operation]) => operation !== "same"));

test("rejects a wrong password and a public key before anything is built", async () => {
    await setKey(cosignKey.key, "wrong-tower-9");
    const wrong = await stack.up();
    assert.notEqual(wrong.code, 0);
    assert.match(wrong.output, /sign\.password: does not decrypt the key\. Fix: pass the password/);
    assert.equal(wrong.operations["tiny-app"], undefined);
    await setKey(cosignKey.publicKey);
    const preview = await stack.preview();
    assert.notEqual(preview.code, 0);
    assert.match(
        preview.output,
        /sign\.key: is a public key\. Expected a private key in PEM format/,
    );
    await setKey(cosignKey.key, cosignKey.password);
});

test("signs a new image by its digest, and nothing when nothing changed", async () => {
    const preview = succeeded(await stack.preview());
    assert.equal(preview.operations["tiny-signature"], "create");
    succeeded(await stack.up());
    const { digest } = await stack.outputs();
    const [signature, ...others] = await signaturesOf(digest);
    assert.deepEqual(others, []);
    const manifest = await pull(harbor.lab.admin, `${name}/tiny`, `manifests/${signature}`);
    assert.equal(JSON.parse(manifest.body.toString("utf8")).subject.digest, digest);
    const again = succeeded(await stack.up());
    assert.deepEqual(changed(again.operations), {});
    assert.deepEqual(await signaturesOf(digest), [signature]);
});

test("leaves neither key nor password in state, events, previews and detailed logs", async () => {
    const file = join(stack.folder, "tiny", "conf.txt");
    writeFileSync(file, "changed\n");
    const verbose = ["--logtostderr", "-v=11"];
    const preview = await stack.preview("--diff", ...verbose);
    const events = [readFileSync(join(stack.folder, ".events.json"), "utf8")];
    const up = await stack.up("--diff", ...verbose);
    events.push(readFileSync(join(stack.folder, ".events.json"), "utf8"));
    assert.deepEqual([preview.code, up.code], [0, 0]);
    const left = [preview.output, up.output, ...events, await stack.state()];
    const secrets = [...secretLines(cosignKey.key), cosignKey.password];
    assert.deepEqual(
        left.map((text) => secretsIn(text, secrets)),
        left.map(() => []),
    );
    const { digest } = await stack.outputs();
    assert.equal((await signaturesOf(digest)).length, 1);
});

test("makes a new signature for another key, and builds nothing", async () => {
    const { digest } = await stack.outputs();
    await setKey(newKey("ed25519").key);
    const expected = { "tiny-signature": "update" };
    const preview = succeeded(await stack.preview());
    assert.deepEqual(changed(preview.operations), expected);
    const up = succeeded(await stack.up());
    assert.deepEqual(
        [changed(up.operations), up.diffs["tiny-signature"]],
        [expected, ["publicKey"]],
    );
    assert.equal((await stack.outputs())["digest"], digest);
    assert.equal((await signaturesOf(digest)).length, 2);
});

test("notices a deleted signature in a refresh, and makes it again", async () => {
    const { digest } = await stack.outputs();
    for (const signature of await signaturesOf(digest)) {
        const path = `${artifactPath}/${signature}`;
        assert.equal((await askApi(harbor.lab.admin, path, { method: "DELETE" })).status, 200);
    }
    succeeded(await stack.refresh());
    const up = succeeded(await stack.up());
    assert.deepEqual(changed(up.operations), { "tiny-signature": "create" });
    assert.equal((await signaturesOf(digest)).length, 1);
});

test("warns about a private key in the clear", async () => {
    const path = join(stack.folder, "Pulumi.dev.yaml");
    const before = readFileSync(path, "utf8");
    const { key } = newKey("p256");
    const set = await stack.pulumi(["config", "set", "--plaintext", "key", "--", key]);
    assert.equal(set.code, 0, set.output);
    await stack.program(program('config.require("key")'));
    const preview = await stack.preview();
    writeFileSync(path, before);
    await stack.program(program());
    assert.equal(preview.code, 0, preview.output);
    assert.match(
        preview.output,
        /sign\.key: the private key in the configuration test:key is not a secret/,
    );
});
