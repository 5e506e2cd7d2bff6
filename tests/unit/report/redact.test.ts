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
