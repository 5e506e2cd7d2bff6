import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutSecrets } from "../../../src/cli/stateSecrets";
import { placeholder } from "../../../src/text/placeholder";

const signature = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
const encrypted = { ...signature, ciphertext: "v1:abc:def" };
const plain = (secret: unknown) => ({ ...signature, plaintext: JSON.stringify(secret) });
const replaced = (shape: unknown) => ({ ...signature, plaintext: JSON.stringify(shape) });

test("replaces secrets at every depth, and keeps everything else", () => {
    const { value, paths, secrets } = withoutSecrets(
        { list: [1, { password: encrypted }], text: "kept", none: null, whole: encrypted },
        { list: [1, { password: plain("hunter2") }], text: "kept", none: null, whole: plain("x") },
    );
    assert.deepEqual(value, {
        list: [1, { password: replaced(placeholder) }],
        text: "kept",
        none: null,
        whole: replaced(placeholder),
    });
    assert.deepEqual(paths, ["list[1].password", "whole"]);
    assert.deepEqual(secrets, ["hunter2", "x"]);
});

test("keeps the shape of a secret list or map, for providers that check types", () => {
    const secret = { hosts: ["a", "b"], port: 5432, tls: true, none: null };
    assert.deepEqual(
        withoutSecrets(encrypted, plain(secret)).value,
        replaced({ hosts: [placeholder, placeholder], port: 0, tls: false, none: placeholder }),
    );
});

test("takes no text from the plain state but the shape of secrets", () => {
    // A secret in a form of a later version of Pulumi: the export without --show-secrets is kept.
    const unknown = { "another signature": "x", ciphertext: "v1:abc:def" };
    assert.deepEqual(
        withoutSecrets({ a: unknown }, { a: { "another signature": "x", plaintext: '"hunter2"' } })
            .value,
        { a: unknown },
    );
});
