import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import manifest from "../../package.json";
import { type HarborLab, openHarborLab } from "../support/harborLab";
import { uniqueName } from "../support/lab";
import { askApi, listApi, pull, repositoryPath } from "../support/registry";
import { succeeded } from "../support/run";
import { secretsIn } from "../support/secretSearch";
import { cosignKey, newKey } from "../support/signingKeys";
import { TestStack } from "../support/stack";
import { readStatements } from "../support/statements";
import { tinyFiles, tinyProgram, writeFolder } from "../support/tinyProject";

const name = uniqueName("signed");
const ownKey = 'key: config.requireSecret("key"), password: config.getSecret("password")';
const program = (sign = ownKey) => `
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { Config } from "@pulumi/pulumi";
const config = new Config();
${tinyProgram(
    name,
    `sign: { ${sign} },
    buildArgs: { VERSION: config.requireSecret("buildArgument"), GREETING: "hi" },
    secrets: { npm: config.requireSecret("buildSecret") },
    labels: { note: config.requireSecret("label") },`,
)}`;
/** What the build may know, and nobody else. */
const buildSecrets = {
    buildArgument: "argument-tower-1",
    buildSecret: "secret-tower-2",
    label: "label-tower-3",
};
let harbor: HarborLab;
let stack: TestStack;

before(async () => {
    harbor = await openHarborLab();
    stack = await TestStack.create(harbor.lab, program(), { files: writeFolder(tinyFiles) });
    await setKey(cosignKey.key, cosignKey.password);
});

/** Sets the key in the stack's configuration, encrypted. */
async function setKey(key: string, password = ""): Promise<void> {
    for (const [option, value] of Object.entries({ key, password, ...buildSecrets })) {
        const set = await stack.pulumi(["config", "set", "--secret", option, "--", value]);
        assert.equal(set.code, 0, set.output);
    }
}

const artifactPath = `${repositoryPath(name, "tiny")}/artifacts`;

/** The digests of an image's signature and attestation, as Harbor lists them. */
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
    assert.equal(preview.operations["tiny-provenance"], "create");
    succeeded(await stack.up());
    const { digest } = await stack.outputs();
    const signatures = await signaturesOf(digest);
    assert.equal(signatures.length, 2);
    for (const signature of signatures) {
        const found = await pull(harbor.lab.admin, `${name}/tiny`, `manifests/${signature}`);
        assert.equal(JSON.parse(found.body.toString("utf8")).subject.digest, digest);
    }
    const again = succeeded(await stack.up());
    assert.deepEqual(changed(again.operations), {});
    assert.deepEqual(await signaturesOf(digest), signatures);
});

/** The provenance of the stack's image. */
async function readProvenance() {
    const { digest } = await stack.outputs();
    const digests = await signaturesOf(digest);
    const statements = await readStatements(harbor.lab.admin, `${name}/tiny`, digests);
    const found = statements.find((one) => one.predicateType === "https://slsa.dev/provenance/v1");
    assert.ok(found, "there is a provenance");
    return found;
}

test("attaches the provenance that BuildKit recorded, without the build's secrets", async () => {
    const { payload } = await readProvenance();
    const secrets = [...Object.values(buildSecrets), cosignKey.password, stack.folder];
    assert.deepEqual(secretsIn(payload, secrets), []);
    const { buildDefinition, runDetails } = JSON.parse(payload).predicate;
    const [base, ...others] = buildDefinition.resolvedDependencies;
    assert.deepEqual(others, []);
    assert.match(base.uri, /^pkg:docker\/alpine@3\.22/);
    assert.equal(buildDefinition.externalParameters.request.args["build-arg:GREETING"], "hi");
    const {
        steps,
        cachedSteps,
        slice,
        commit: _,
        unknown,
        version,
        ...facts
    } = buildDefinition.internalParameters.harborBuild;
    assert.deepEqual(facts, { project: "test", stack: "dev", component: "tiny" });
    assert.equal(version, manifest.version);
    assert.match(slice, /^sha256:[0-9a-f]{64}$/);
    assert.ok(steps > cachedSteps, `${cachedSteps} of ${steps} steps cached`);
    assert.ok(unknown.includes("buildConfig: a build argument is secret"), unknown.join("\n"));
    const [{ data }] = runDetails.metadata.buildkit_metadata.source.infos;
    assert.equal(
        Buffer.from(data, "base64").toString("utf8"),
        readFileSync(join(stack.folder, "tiny/Dockerfile"), "utf8"),
    );
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
    assert.equal((await signaturesOf(digest)).length, 2);
});

test("makes a new signature for another key, and builds nothing", async () => {
    const { digest } = await stack.outputs();
    await setKey(newKey("ed25519").key);
    const expected = { "tiny-provenance": "update", "tiny-signature": "update" };
    const preview = succeeded(await stack.preview());
    assert.deepEqual(changed(preview.operations), expected);
    const up = succeeded(await stack.up());
    assert.deepEqual(
        [changed(up.operations), up.diffs["tiny-signature"]],
        [expected, ["publicKey"]],
    );
    assert.equal((await stack.outputs())["digest"], digest);
    assert.equal((await signaturesOf(digest)).length, 4);
});

test("notices a deleted signature in a refresh, and makes it again", async () => {
    const { digest } = await stack.outputs();
    for (const signature of await signaturesOf(digest)) {
        const path = `${artifactPath}/${signature}`;
        assert.equal((await askApi(harbor.lab.admin, path, { method: "DELETE" })).status, 200);
    }
    succeeded(await stack.refresh());
    const up = succeeded(await stack.up());
    assert.deepEqual(changed(up.operations), {
        "tiny-provenance": "create",
        "tiny-signature": "create",
    });
    assert.equal((await signaturesOf(digest)).length, 2);
});

/** A signer that asks another process, which alone has the key. */
const signer = `signer: {
    publicKey: readFileSync("key.pub", "utf8"),
    sign: (data) => execFileSync(process.execPath, ["sign.cjs"], { input: data }),
}`;
const signProgram = `
const { readFileSync } = require("node:fs");
const signed = require("node:crypto").sign("sha256", readFileSync(0), readFileSync("key.pem", "utf8"));
process.stdout.write(signed);
`;

test("signs with the key of another process, and builds nothing", async () => {
    const { key, publicKey } = newKey("p256");
    const files = { "key.pem": key, "key.pub": publicKey, "sign.cjs": signProgram };
    for (const [file, text] of Object.entries(files)) {
        writeFileSync(join(stack.folder, file), text);
    }
    const before = (await stack.outputs())["digest"];
    await stack.program(program(signer));
    const up = succeeded(await stack.up());
    assert.deepEqual(changed(up.operations), {
        "tiny-provenance": "update",
        "tiny-signature": "update",
    });
    assert.equal((await stack.outputs())["digest"], before);
    assert.equal((await signaturesOf(before)).length, 4);
    assert.deepEqual(secretsIn(await stack.state(), secretLines(key)), []);
    assert.deepEqual(changed(succeeded(await stack.up()).operations), {});
    await stack.program(program());
});

test("stops the run when a signer uses another key than its public key", async () => {
    writeFileSync(join(stack.folder, "key.pub"), newKey("p256").publicKey);
    await stack.program(program(signer));
    const up = await stack.up();
    await stack.program(program());
    assert.notEqual(up.code, 0);
    assert.match(up.output, /sign\.signer: its publicKey does not verify what its sign\(data\)/);
});

test("warns about a private key in the clear", async () => {
    const path = join(stack.folder, "Pulumi.dev.yaml");
    const before = readFileSync(path, "utf8");
    const { key } = newKey("p256");
    const set = await stack.pulumi(["config", "set", "--plaintext", "key", "--", key]);
    assert.equal(set.code, 0, set.output);
    await stack.program(program('key: config.require("key")'));
    const preview = await stack.preview();
    writeFileSync(path, before);
    await stack.program(program());
    assert.equal(preview.code, 0, preview.output);
    assert.match(
        preview.output,
        /sign\.key: the private key in the configuration test:key is not a secret/,
    );
});
