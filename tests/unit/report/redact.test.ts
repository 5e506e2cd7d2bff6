import assert from "node:assert/strict";
import { test } from "node:test";
import { redactor } from "../../../src/report/redact";

const redact = redactor(["pass", "password", "a"], { program: "/work/shop", home: "/home/me" });

test("replaces secrets, the longest first", () => {
    assert.equal(redact("a password, a pass"), "a [secret], a [secret]");
});

test("makes paths of this machine relative", () => {
    assert.equal(
        redact("open /work/shop/fm/Dockerfile in /work/shop, /home/me/.docker/config.json"),
        "open fm/Dockerfile in ., ~/.docker/config.json",
    );
});

/** What the report shows of a text with this secret. */
const shown = (secret: string, text: string) => redactor([secret], { program: "/p" })(text);
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
        encodeURIComponent(secret),
        encodeURIComponent(secret).toLowerCase(),
        new URLSearchParams({ secret }).toString().slice("secret=".length),
    ]) {
        assert.equal(shown(secret, `a ${spelling} b`), "a [secret] b", spelling);
    }
});
