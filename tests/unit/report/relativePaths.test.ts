import assert from "node:assert/strict";
import { test } from "node:test";
import { relativePaths } from "../../../src/report/relativePaths";

const relative = (text: string, home: string) =>
    relativePaths(text, { program: "/work/shop", home });

test("makes paths of this machine relative", () => {
    assert.equal(
        relative("open /work/shop/fm/Dockerfile in /work/shop, /home/me/.docker/a", "/home/me"),
        "open fm/Dockerfile in ., ~/.docker/a",
    );
});

test("keeps the home of root, which is the home in most images", () => {
    assert.equal(relative("mkdir /root/.cache", "/root"), "mkdir /root/.cache");
});
