import assert from "node:assert/strict";
import { test } from "node:test";
import { parseChallenge } from "../../../src/registry/challenge";

test("reads the token service from Harbor's bearer challenge", () => {
    const header =
        'Bearer realm="https://harbor.example.com/service/token",service="harbor-registry",scope="repository:shop/fm:pull"';
    assert.deepEqual(parseChallenge(header), {
        scheme: "bearer",
        realm: "https://harbor.example.com/service/token",
        service: "harbor-registry",
    });
});

test("requires no service, and ignores the case of the scheme", () => {
    assert.deepEqual(parseChallenge('bearer realm="https://auth.example.com/token"'), {
        scheme: "bearer",
        realm: "https://auth.example.com/token",
        service: undefined,
    });
});

test("reads a basic challenge for user and password", () => {
    assert.deepEqual(parseChallenge('Basic realm="harbor"'), { scheme: "basic" });
});

test("finds no challenge in a missing or empty one, or in one without a usable realm", () => {
    for (const header of [undefined, "", 'Digest realm="x"', "Bearer", 'Bearer realm="/token"']) {
        assert.equal(parseChallenge(header), undefined, String(header));
    }
});
