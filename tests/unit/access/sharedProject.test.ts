import assert from "node:assert/strict";
import { test } from "node:test";
import { spreadProject, withGivenPaths } from "../../../src/access/sharedProject";
import { CacheBackend } from "../../../src/cache/backend";

const project = {
    name: "shop",
    existing: true,
    credentials: { username: "robot$shop+push", password: "x" },
    cache: { project: "shop-cache", backend: CacheBackend.Inline },
};

test("moves a project's login and place for caches to the image", () => {
    assert.deepEqual(spreadProject({ project, context: "fm" }), {
        project: { name: "shop", existing: true },
        context: "fm",
        credentials: project.credentials,
        cache: { project: "shop-cache", backend: "inline" },
    });
});

test("keeps the image's own credentials and cache, and fills in what the image leaves open", () => {
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

test("changes nothing for a project without credentials and cache", () => {
    const spread = spreadProject({ project: { name: "shop" }, context: "fm" });
    assert.deepEqual(spread.project, { name: "shop" });
    assert.equal(spread.credentials, undefined);
    assert.equal("cache" in spread, false);
});

test("reports faults of a project's login and caches where the program sets them", () => {
    const faults = ["credentials.username", "cache.project", "cache.scope", "image"].map(
        (path) => ({ path, message: "x" }),
    );
    const paths = (args: Parameters<typeof withGivenPaths>[1]) =>
        withGivenPaths(faults, args).map(({ path }) => path);
    assert.deepEqual(paths({ project }), [
        "project.credentials.username",
        "project.cache.project",
        "cache.scope",
        "image",
    ]);
    const own = { credentials: project.credentials, cache: { project: "other" } };
    assert.deepEqual(
        paths({ project, ...own }),
        faults.map(({ path }) => path),
    );
});
