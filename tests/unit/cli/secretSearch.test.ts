import assert from "node:assert/strict";
import { test } from "node:test";
import { findSecrets, secretTexts } from "../../../src/cli/secretSearch";

const secret = 'päss "word"/+?';

test("finds a secret as it is, in base64 at each offset, URL- and JSON-escaped", () => {
    const base64 = (text: string) => Buffer.from(text, "utf8").toString("base64");
    const state = {
        plain: `url?t=${secret}`,
        login: base64(`me:${secret}`),
        logins: ["", "a", "ab"].map((user) => base64(`${user}${secret} and more`)),
        base64url: Buffer.from(`>${secret}?`, "utf8").toString("base64url"),
        url: encodeURIComponent(secret),
        form: String(new URLSearchParams({ t: secret })),
        json: JSON.stringify({ t: secret }),
        jsonInJson: JSON.stringify(JSON.stringify({ t: secret })),
        lower: encodeURIComponent(secret).toLowerCase(),
        other: "pass word",
        [`key ${secret}`]: "x",
    };
    assert.deepEqual(findSecrets(state, [secret]), [
        "plain",
        "login",
        "logins[0]",
        "logins[1]",
        "logins[2]",
        "base64url",
        "url",
        "form",
        "json",
        "jsonInJson",
        "lower",
        "a key of ",
    ]);
});

test("finds a short secret only as a whole value, and a long line of a secret alone", () => {
    const key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\n-----END KEY-----";
    assert.deepEqual(
        findSecrets({ a: "admin", b: "an admin", c: "MIIEvQIBADANBgkqhkiG9w0B" }, ["admin", key]),
        ["a", "c"],
    );
});

test("takes the texts of structured secrets, but no user names and addresses", () => {
    const login = { username: "robot$shop+push", password: "password-1" };
    assert.deepEqual(
        secretTexts([
            { "harbor.example.com": login },
            JSON.stringify({ auths: { h: login } }),
            4711,
            "abc",
            null,
        ]),
        ["password-1", JSON.stringify({ auths: { h: login } }), "4711"],
    );
});

test("takes the address and the name of a structured secret that is no login", () => {
    const url = "postgres://app:Sup3rSecretPw@db/x";
    assert.deepEqual(secretTexts([{ url }, { name: "of-a-person", user: ["me-too"] }]), [
        url,
        "of-a-person",
        "me-too",
    ]);
    assert.deepEqual(findSecrets({ outputs: { plain: url } }, secretTexts([{ url }])), [
        "outputs.plain",
    ]);
});

test("takes the URLs and the structured members of a login that contain logins themselves", () => {
    const url = "https://ghp_4711@git.example.com/r.git";
    assert.deepEqual(secretTexts([{ url, server: "https://db.example.com", password: "pass-1" }]), [
        url,
        "pass-1",
    ]);
    const user = { name: "deploy", token: "token-1" };
    assert.deepEqual(secretTexts([{ name: "cluster", user, clientKey: "key-1" }]), [
        "token-1",
        "key-1",
    ]);
});

test("takes only the password of docker-build's registries", () => {
    const registries = [{ address: "harbor.example.com", username: "robot$x", password: "pass-1" }];
    assert.deepEqual(secretTexts([registries]), ["pass-1"]);
});

test("finds a secret as Go's JSON escapes it, and one with half a pair of surrogates", () => {
    assert.deepEqual(findSecrets({ go: "t=a\\u003cb\\u003e\\u0026c-d" }, ["a<b>&c-d"]), ["go"]);
    assert.deepEqual(findSecrets({ half: "of 12345678\ud800." }, ["12345678\ud800"]), ["half"]);
});
