import assert from "node:assert/strict";
import { test } from "node:test";
import { spreadProject } from "../../../src/access/sharedProject";
import { CacheBackend } from "../../../src/cache/backend";

const project = {
    name: "shop",
    existing: true,
    credentials: { username: "robot$shop+push", password: "x" },
    cache: { project: "shop-cache", backend: CacheBackend.Inline },
};

test("a project's login and place for caches become the image's own", () => {
    assert.deepEqual(spreadProject({ project, context: "fm" }), {
        project: { name: "shop", existing: true },
        context: "fm",
        credentials: project.credentials,
        cache: { project: "shop-cache", backend: "inline" },
    });
});

test("what the image says itself goes before, and what it leaves open does not", () => {
    const credentials = { username: "robot$ci", password: "y" };
    const cache = { scope: "main", backend: CacheBackend.Registry, project: undefined };
    const spread = spreadProject({ project, context: "fm", credentials, cache });
    assert.deepEqual(spread.credentials, credentials);
    assert.deepEqual(spread.cache, {
        scope: "main",
        backend: "registry",
        project: "shop-cache",
    });
});

test("a project that brings nothing along changes nothing", () => {
    const spread = spreadProject({ project: { name: "shop" }, context: "fm" });
    assert.deepEqual(spread.project, { name: "shop" });
    assert.equal(spread.credentials, undefined);
    assert.equal("cache" in spread, false);
});
