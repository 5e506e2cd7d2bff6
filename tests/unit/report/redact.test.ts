import assert from "node:assert/strict";
import { test } from "node:test";
import { redactor } from "../../../src/report/redact";

const redact = redactor(["pass", "password", "a"], { program: "/work/shop", home: "/home/me" });

test("secrets are replaced, the longest first", () => {
    assert.equal(redact("a password, a pass"), "a [secret], a [secret]");
});

test("paths of this machine become relative", () => {
    assert.equal(
        redact("open /work/shop/fm/Dockerfile in /work/shop, /home/me/.docker/config.json"),
        "open fm/Dockerfile in ., ~/.docker/config.json",
    );
});
