import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { locate } from "../../../src/registry/location";
import { Registries } from "../../../src/registry/registries";
import { attachStatement, predicateDigest } from "../../../src/registry/signatures";
import { signatureType } from "../../../src/signing/bundle";
import { readSigningKey } from "../../../src/signing/key";
import { PluginClient, secret, unknown } from "../../support/pluginClient";
import { newKey } from "../../support/signingKeys";
import { type MemoryRegistry, startMemoryRegistry } from "../sandbox/memoryRegistry";
import { pushImage } from "../sandbox/pusher";
import { adminPassword, startTestHarbor, type TestHarbor } from "../sandbox/testHarbor";

const type = "harbor:index/imageSignature:ImageSignature";
const { key, publicKey } = newKey("p256");
const spdx = "https://spdx.dev/Document";

describe("ImageSignature", () => {
    let registry: MemoryRegistry;
    let harbor: TestHarbor;
    let plugin: PluginClient;
    before(async () => {
        registry = await startMemoryRegistry();
        harbor = await startTestHarbor({ upstreamUrl: registry.url });
        plugin = await PluginClient.start({});
        await plugin.configure({ url: harbor.url });
        const metadata = { enable_content_trust_cosign: "true" };
        const made = await harbor.api("POST", "/projects", { project_name: "shop", metadata });
        assert.equal(made.status, 201);
    });
    after(async () => {
        plugin.close();
        await harbor.close();
        await registry.close();
    });

    const push = (tag: string) => pushImage(harbor, "shop/fm", tag, `layer of ${tag}`);
    const referenceOf = (digest: string) => `${new URL(harbor.url).host}/shop/fm@${digest}`;
    const inputsOf = (digest: string) => ({
        reference: referenceOf(digest),
        publicKey,
        username: "admin",
        password: secret(adminPassword),
    });
    /** Signs an image as a program does before it declares the resource. */
    async function sign(digest: string, pem = key, predicateType = signatureType, predicate = {}) {
        const read = readSigningKey(pem, undefined);
        assert.ok("sign" in read);
        const login = { username: "admin", password: adminPassword };
        const registries = new Registries(() => login, { url: harbor.url });
        await registries.ask(locate(referenceOf(digest)), (session) =>
            attachStatement(session, "shop/fm", { digest, predicateType, predicate }, read),
        );
        registries.close();
    }
    const signaturesOf = async (digest: string) => {
        const path = `/projects/shop/repositories/fm/artifacts/${digest}/accessories`;
        const { json } = await harbor.api("GET", path);
        const found = json as { digest: string; type: string }[];
        assert.deepEqual([...new Set(found.map((one) => one.type))], ["signature.cosign"]);
        return found.map((one) => one.digest).sort();
    };

    test("verifies a signature under content trust, and keeps passwords out of the outputs", async () => {
        const { digest } = await push("one");
        await sign(digest);
        const given = inputsOf(digest);
        assert.deepEqual((await plugin.check(type, given)).failures, {});
        const { id, outputs } = await plugin.create(type, given);
        const [signature] = await signaturesOf(digest);
        const reference = referenceOf(digest);
        const repository = reference.slice(0, reference.indexOf("@"));
        assert.equal(id, repository);
        const state = { reference, publicKey, predicateType: signatureType, signature };
        assert.deepEqual(outputs, { ...state, imageSignatureId: repository });
        const read = await plugin.read(type, id, outputs, given);
        assert.deepEqual([read.id, read.outputs], [id, outputs]);
    });

    test("shows a difference for another digest, key or predicate, and none for other logins", async () => {
        const first = await push("two");
        const second = await push("three");
        await sign(first.digest);
        const given = inputsOf(first.digest);
        const { id, outputs } = await plugin.create(type, given);
        const diff = async (news: object) =>
            (await plugin.diff(type, outputs, { ...given, ...news }, given)).detailed;
        assert.deepEqual(await diff({ username: "other", password: secret("other") }), {});
        const moved = { reference: referenceOf(second.digest) };
        assert.deepEqual(await diff(moved), { reference: "UPDATE" });
        assert.deepEqual(await diff({ predicateType: spdx }), { predicateType: "UPDATE" });
        const other = newKey("ed25519");
        const rotated = { ...given, publicKey: other.publicKey };
        assert.deepEqual(await diff(rotated), { publicKey: "UPDATE" });
        const preview = await plugin.update(type, id, outputs, rotated, { preview: true });
        assert.deepEqual([preview["reference"], preview["signature"]], [given.reference, unknown]);
        await sign(first.digest, other.key);
        const renewed = await plugin.update(type, id, outputs, rotated);
        assert.deepEqual(
            await signaturesOf(first.digest),
            [outputs["signature"], renewed["signature"]].sort(),
        );
    });

    test("verifies an attestation by the digest of its document", async () => {
        const { digest } = await push("seven");
        const document = { spdxVersion: "SPDX-2.3" };
        await sign(digest, key, spdx, document);
        const of = (predicate: object) => ({
            ...inputsOf(digest),
            predicateType: spdx,
            predicateDigest: predicateDigest(predicate),
        });
        const { outputs } = await plugin.create(type, of(document));
        assert.deepEqual([outputs["signature"]], await signaturesOf(digest));
        await assert.rejects(plugin.create(type, of({})), { message: /has no signature of type/ });
    });

    test("notices a missing signature, keeps one that it cannot check, and deletes none", async (t) => {
        const { digest } = await push("four");
        await sign(digest);
        const given = inputsOf(digest);
        const { id, outputs } = await plugin.create(type, given);
        await plugin.delete(type, id, outputs);
        assert.equal((await signaturesOf(digest)).length, 1);
        const warned: string[] = [];
        t.mock.method(process.stderr, "write", (text: string) => warned.push(text) > 0);
        const wrong = { ...given, password: secret("Wrong1234") };
        assert.equal((await plugin.read(type, id, outputs, wrong)).id, id);
        assert.match(warned.join(""), /the signature \S+ cannot be checked: the login for/);
        const gone = `/v2/shop/fm/manifests/${outputs["signature"]}`;
        assert.equal((await harbor.send("DELETE", gone, { as: "admin" })).status, 202);
        assert.equal((await plugin.read(type, id, outputs, given)).id, "");
    });

    test("rejects an unsigned image, another key's signature and a wrong login, with the fix", async () => {
        const { digest } = await push("five");
        const given = inputsOf(digest);
        const unsigned = {
            message:
                /^reference: \S+ has no signature of type \S+ that publicKey verifies\. .* Fix: declare a CachedImage with sign/,
        };
        await assert.rejects(plugin.create(type, given), unsigned);
        await sign(digest, newKey("p256").key);
        await assert.rejects(plugin.create(type, given), unsigned);
        await assert.rejects(plugin.create(type, { ...given, password: secret("Wrong1234") }), {
            message:
                /^reference: the signatures of \S+ cannot be read: .+\. Fix: use an account that may pull/,
        });
    });

    test("rejects a reference without a digest, a private key, and an import", async () => {
        const { digest } = await push("six");
        const failures = async (news: object) =>
            (await plugin.check(type, { ...inputsOf(digest), ...news })).failures;
        const tagged = await failures({ reference: "h/shop/fm:1" });
        assert.match(tagged["reference"] ?? "", /^"h\/shop\/fm:1" has no digest/);
        const wrong = await failures({ publicKey: key });
        assert.match(wrong["publicKey"] ?? "", /^is not a public key; expected a PEM text/);
        await assert.rejects(plugin.read(type, "h/shop/fm"), { message: /cannot be imported/ });
    });
});
