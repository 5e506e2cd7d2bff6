import assert from "node:assert/strict";
import { test } from "node:test";
import { tokenFacts } from "../../../src/registry/token";

const token = (claims: unknown) =>
    `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2ln`;
const access = [{ type: "repository", name: "shop/fm", actions: ["pull", "push"] }];
const iss = "harbor-token-issuer";

test("reads an accepted login from a token with a subject, with its rights", () => {
    const facts = tokenFacts(token({ iss, sub: "robot$shop+ci", access }), "shop/fm", {
        login: true,
    });
    assert.deepEqual(facts, { login: "accepted", actions: ["pull", "push"] });
});

test("reads a rejected login from Harbor's anonymous token", () => {
    const anonymous = token({ iss, access: [{ ...access[0], actions: [] }] });
    assert.deepEqual(tokenFacts(anonymous, "shop/fm", { login: true }), {
        login: "rejected",
        actions: [],
    });
    assert.equal(tokenFacts(anonymous, "shop/fm", { login: false }).login, "none");
});

test("concludes nothing about the login from another registry's token without a subject", () => {
    const facts = tokenFacts(token({ iss: "auth.docker.io", access }), "acme/fm", { login: true });
    assert.deepEqual(facts, { login: "unknown", actions: [] });
});

test("reads nothing from an opaque token", () => {
    for (const opaque of ["abc", "a.!!.c", "a.bnVsbA.c"]) {
        assert.deepEqual(tokenFacts(opaque, "shop/fm", { login: true }), {
            login: "unknown",
            actions: undefined,
        });
    }
});
