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
