import assert from "node:assert/strict";
import { test } from "node:test";
import { parseChallenge } from "../../../src/registry/challenge";

test("Harbor's bearer challenge names the token service", () => {
    const header =
        'Bearer realm="https://harbor.example.com/service/token",service="harbor-registry",scope="repository:shop/fm:pull"';
    assert.deepEqual(parseChallenge(header), {
        scheme: "bearer",
        realm: "https://harbor.example.com/service/token",
        service: "harbor-registry",
    });
});

test("a service is not needed, and the scheme's case does not matter", () => {
    assert.deepEqual(parseChallenge('bearer realm="https://auth.example.com/token"'), {
        scheme: "bearer",
        realm: "https://auth.example.com/token",
        service: undefined,
    });
});

test("a basic challenge asks for user and password", () => {
    assert.deepEqual(parseChallenge('Basic realm="harbor"'), { scheme: "basic" });
});

test("no challenge, an empty one and one without a usable realm are none", () => {
    for (const header of [undefined, "", 'Digest realm="x"', "Bearer", 'Bearer realm="/token"']) {
        assert.equal(parseChallenge(header), undefined, String(header));
    }
});
