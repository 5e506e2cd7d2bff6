import assert from "node:assert/strict";
import { test } from "node:test";
import { secretHider } from "../../../src/text/secretSpellings";

const shown = (secret: string, text: string) => secretHider([secret])(text);
const encoded = (text: string) => Buffer.from(text).toString("base64");

test("replaces each line of a secret with several lines", () => {
    const key = "-----BEGIN KEY-----\nMIIEvQIBADAN\n  BgkqhkiG9w0B\n-----END KEY-----\n";
    assert.equal(
        shown(key, "read MIIEvQIBADAN\r\nand BgkqhkiG9w0B"),
        "read [secret]\r\nand [secret]",
    );
});

test("replaces a secret in base64, alone and behind each user name", () => {
    const secret = "S3cret+pass/word";
    for (const user of ["", "a:", "ci:", "bot:", "robot$shop+ci:"]) {
        const text = encoded(`${user}${secret}`);
        assert.equal(
            shown(secret, `Authorization: Basic ${text}.`),
            "Authorization: Basic [secret].",
        );
        const url = text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
        assert.equal(shown(secret, `token ${url}`), "token [secret]");
    }
    assert.equal(shown(secret, `x ${encoded("another text")}`), `x ${encoded("another text")}`);
});

test("replaces a secret as JSON and URLs spell it", () => {
    const secret = 'p"ä ss\\<&!';
    for (const spelling of [
        JSON.stringify(secret).slice(1, -1),
        'p\\"ä ss\\\\\\u003c\\u0026!',
        JSON.stringify(JSON.stringify(secret).slice(1, -1)).slice(1, -1),
        encodeURIComponent(secret),
        encodeURIComponent(secret).toLowerCase(),
        new URLSearchParams({ secret }).toString().slice("secret=".length),
    ]) {
        assert.equal(shown(secret, `a ${spelling} b`), "a [secret] b", spelling);
    }
});

test("replaces a secret in the user information of a URL", () => {
    const url = new URL("https://ci@harbor.example.com/");
    url.password = "a/b:c@d e+&%41";
    // As Go's url.UserPassword writes it.
    const go = "a%2Fb%3Ac%40d%20e+&%2541";
    for (const [text, secret] of [
        [url.href, "a/b:c@d e+&%41"],
        [`https://ci:${go}@harbor.example.com/`, "a/b:c@d e+&%41"],
    ] as const) {
        assert.equal(shown(secret, text), "https://ci:[secret]@harbor.example.com/", text);
    }
});

test("replaces a secret with half a pair of surrogates", () => {
    assert.equal(shown("abc\ud800", "say abc\ud800"), "say [secret]");
});

test("replaces secrets, the longest first", () => {
    const hide = secretHider(["pass", "password", "a"]);
    assert.equal(hide("a password, a pass"), "a [secret], a [secret]");
});
