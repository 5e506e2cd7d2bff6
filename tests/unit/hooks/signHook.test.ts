import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { readSignatureInputs } from "../../../src/hooks/imageInputs";
import { signHooks, signImage } from "../../../src/hooks/signHook";
import { predicateDigest } from "../../../src/registry/signatures";
import { outsideSigner, readSigningKey } from "../../../src/signing/key";
import { mockHooks } from "../../support/mocks";
import { startRegistryProxy } from "../../support/registryProxy";
import { newKey } from "../../support/signingKeys";
import { type MemoryRegistry, startMemoryRegistry } from "../sandbox/memoryRegistry";
import { pushImage } from "../sandbox/pusher";
import { adminPassword, startTestHarbor, type TestHarbor } from "../sandbox/testHarbor";

const first = newKey("p256");
const second = newKey("ed25519");
let registry: MemoryRegistry;
let harbor: TestHarbor;

before(async () => {
    registry = await startMemoryRegistry();
    harbor = await startTestHarbor({ upstreamUrl: registry.url });
    const metadata = { enable_content_trust_cosign: "true" };
    const made = await harbor.api("POST", "/projects", { project_name: "shop", metadata });
    assert.equal(made.status, 201);
});
after(async () => {
    await harbor.close();
    await registry.close();
});

interface Given {
    readonly key?: { readonly key: string; readonly publicKey: string };
    readonly password?: string;
    readonly predicate?: object;
    /** What the signer does. @default signs with the key */
    readonly signWith?: (data: Uint8Array) => Promise<Uint8Array>;
    /** @default Harbor's */
    readonly url?: string;
}

async function sign(
    digest: string,
    { key = first, password = adminPassword, predicate, signWith, url = harbor.url }: Given = {},
): Promise<void> {
    const sbom = predicate && {
        predicateType: "https://spdx.dev/Document",
        predicateDigest: predicateDigest(predicate),
    };
    const inputs = await readSignatureInputs({
        reference: `${new URL(url).host}/shop/fm@${digest}`,
        publicKey: key.publicKey,
        username: "admin",
        password,
        ...sbom,
    });
    const read = readSigningKey(key.key, undefined);
    assert.ok("sign" in read);
    const outside = outsideSigner(key.publicKey, signWith ?? read.sign);
    assert.ok("sign" in outside);
    const signing = { signer: async () => outside, predicate: () => predicate ?? {} };
    await signImage(inputs, signing, { url, env: {} });
}

async function countOf(digest: string): Promise<number> {
    const path = `/projects/shop/repositories/fm/artifacts/${digest}/accessories`;
    return ((await harbor.api("GET", path)).json as object[]).length;
}

test("signs an image under content trust once, and again for another key or document", async () => {
    const { digest } = await pushImage(harbor, "shop/fm", "one", "layer");
    const status = async () =>
        (await harbor.send("GET", "/v2/shop/fm/manifests/one", { as: "admin" })).status;
    assert.equal(await status(), 412);
    const steps: readonly (readonly [Given, number])[] = [
        [{}, 1],
        [{}, 1],
        [{ key: second }, 2],
        [{ predicate: { name: "fm" } }, 3],
        [{ predicate: { name: "fm" } }, 3],
        [{ predicate: { name: "other" } }, 4],
    ];
    for (const [given, count] of steps) {
        await sign(digest, given);
        assert.equal(await countOf(digest), count);
    }
    assert.equal(await status(), 200);
});

test("reports why a registry refuses a signature, and how to fix it", async () => {
    const { digest } = await pushImage(harbor, "shop/fm", "two", "other layer");
    await assert.rejects(sign(digest, { password: "Wrong1234" }), {
        message:
            /^the signature of \S+ cannot be pushed: .+\. Fix: use an account that may pull and push in this repository\. The image is pushed; the next run signs it$/,
    });
    await assert.rejects(sign(`sha256:${"0".repeat(64)}`), {
        message: /cannot be pushed: /,
    });
    assert.equal(await countOf(digest), 0);
});

test("reports the fault of a signer, and attaches nothing", async () => {
    const { digest } = await pushImage(harbor, "shop/fm", "three", "third layer");
    const fails = async () => {
        throw new Error("the key is disabled");
    };
    await assert.rejects(sign(digest, { signWith: fails }), {
        message:
            "sign.signer: its sign(data) failed (the key is disabled). Fix: check the account and the key of the service that signs. The image is pushed; the next run signs it",
    });
    await assert.rejects(sign(digest, { signWith: async () => Buffer.from("other") }), {
        message: /^sign\.signer: its publicKey does not verify what its sign\(data\) returned\. /,
    });
    assert.equal(await countOf(digest), 0);
});

test("signs with one login", async () => {
    const { digest } = await pushImage(harbor, "shop/fm", "four", "fourth layer");
    const proxy = await startRegistryProxy(harbor.url);
    await sign(digest, { url: proxy.url });
    const requests = proxy.takeRequests().map(({ request }) =>
        request
            .replace(/\?.*/, "")
            .replace("/v2/shop/fm/", "")
            .replace(digest, "IMAGE")
            .replace(/sha256:\w+/, "SIGNATURE")
            .replace(/uploads\/.+/, "uploads/ID"),
    );
    assert.deepEqual(requests.slice(0, 3), [
        "GET tags/list",
        "GET /service/token",
        "GET referrers/IMAGE",
    ]);
    assert.deepEqual(requests.slice(3).sort(), [
        "GET manifests/IMAGE",
        "POST blobs/uploads/",
        "POST blobs/uploads/",
        "PUT blobs/uploads/ID",
        "PUT blobs/uploads/ID",
        "PUT manifests/SIGNATURE",
    ]);
    assert.equal(await countOf(digest), 1);
});

test("signs before the signature is created or updated, and binds no hooks under Pulumi's mocks", async () => {
    const { digest } = await pushImage(harbor, "shop/fm", "five", "fifth layer");
    const signer = readSigningKey(first.key, undefined);
    assert.ok("sign" in signer);
    const signing = { signer: async () => signer, predicate: () => ({}) };
    await pulumi.runtime.setMocks({ newResource: () => assert.fail(), call: () => ({}) });
    assert.equal(signHooks("fm", "signature", signing), undefined);
    mockHooks();
    pulumi.runtime.setConfig("harbor:url", harbor.url);
    const {
        beforeCreate = [],
        beforeUpdate = [],
        ...others
    } = signHooks("fm", "signature", signing) ?? {};
    assert.deepEqual(others, {});
    assert.equal(beforeCreate.length, 1);
    assert.deepEqual(beforeUpdate, beforeCreate);
    const [hook] = beforeCreate;
    assert.ok(typeof hook === "object");
    assert.equal(hook.name, "harbor-build:fm:signature");
    const reference = `${new URL(harbor.url).host}/shop/fm@${digest}`;
    const login = { username: "admin", password: adminPassword };
    const newInputs = { reference, publicKey: first.publicKey, ...login };
    await hook.callback({ urn: "u", id: "", name: "fm-signature", type: "t", newInputs });
    assert.equal(await countOf(digest), 1);
});
