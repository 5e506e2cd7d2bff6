import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { signFaults, signWarnings } from "../../../src/image/signingKey";
import { cosignKey, newKey } from "../../support/signingKeys";

const image = { project: { name: "shop" }, context: "fm" };
const { key } = newKey("p256");
pulumi.runtime.setAllConfig({ "shop:signingKey": key, "shop:encrypted": cosignKey.key });

test("warns of a plain key that is in the configuration as plain text", () => {
    assert.deepEqual(signWarnings({ ...image, sign: { key } }), [
        "sign.key: the private key in the configuration shop:signingKey is not a secret. Expected an encrypted value. " +
            "Fix: pulumi config set --secret shop:signingKey, and read it with requireSecret; make a new key if others have read the file",
    ]);
});

test("warns neither of an encrypted key, of a secret, nor of a key from elsewhere", () => {
    const keys = [cosignKey.key, pulumi.secret(key), newKey("ed25519").key];
    assert.deepEqual(
        keys.flatMap((one) => signWarnings({ ...image, sign: { key: one } })),
        [],
    );
});

test("warns of a missing key in a project with content trust", () => {
    const project = { name: "shop", contentTrust: true };
    assert.deepEqual(signWarnings({ ...image, project }), [
        'sign: missing, but the project "shop" has content trust: Harbor lets nobody pull the image until it is signed. Fix: set sign.key',
    ]);
    assert.deepEqual(signWarnings({ ...image, project, sign: { key: cosignKey.key } }), []);
    assert.deepEqual(signWarnings(image), []);
});

test("rejects a missing key, and a key next to a signer", () => {
    const signer = { publicKey: "", sign: (data: Uint8Array) => data };
    assert.deepEqual(signFaults({}), [
        {
            path: "sign.key",
            message: "missing. Expected a secret of the Pulumi configuration, or sign.signer",
        },
    ]);
    assert.deepEqual(signFaults({ key, password: "old-tower-9", signer }), [
        {
            path: "sign.key",
            message: "conflicts with sign.signer, which has the key. Fix: remove one of them",
        },
        {
            path: "sign.password",
            message: "conflicts with sign.signer, which has the key. Fix: remove one of them",
        },
    ]);
    assert.deepEqual(
        [signFaults({ key }), signFaults({ signer }), signFaults(undefined)],
        [[], [], []],
    );
});
