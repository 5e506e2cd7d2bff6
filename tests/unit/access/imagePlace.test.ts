import assert from "node:assert/strict";
import { test } from "node:test";
import type { PlaceArgs } from "../../../src/access/args";
import { placeImage } from "../../../src/access/imagePlace";

const none = { explicitProvider: false, configUrl: undefined, environmentUrl: undefined };
const credentials = { username: "ci", password: "x" };
const existing = (name: string) => ({ project: { name, existing: true }, credentials });

function place(args: PlaceArgs, sources = {}) {
    const placed = placeImage("fm", args, { ...none, ...sources });
    return "place" in placed
        ? placed.place
        : placed.faults.map(({ path, message }) => `${path}: ${message}`);
}

test("keeps the cache below the image, or in the project of caches", () => {
    const url = { configUrl: "https://harbor.example.com" };
    assert.deepEqual(place({ project: { name: "shop" } }, url), {
        registry: "harbor.example.com",
        repository: "shop/fm",
        cacheRepository: "shop/fm/cache",
        fallbackRepository: "shop/fm/cache",
        cacheTagPrefix: "",
    });
    const apart = place({ project: { name: "shop" }, cache: { project: "caches" } }, url);
    assert.equal("cacheRepository" in apart && apart.cacheRepository, "caches/fm/cache");
});

const registry = "registry.example.com:5000";
const harborName =
    "a project name is lower-case letters and digits, with single '.', '_' or '-' between them";

test("accepts OCI names when a run asks nothing of Harbor", () => {
    for (const name of ["org/team", "my__org", "a--b"]) {
        const placed = place({ registry, ...existing(name) });
        assert.equal("repository" in placed && placed.repository, `${name}/fm`);
        const beside = { environmentUrl: "https://harbor.example.com" };
        assert.equal(
            "place" in placeImage("fm", { registry, ...existing(name) }, { ...none, ...beside }),
            true,
        );
    }
    assert.deepEqual(place({ registry, ...existing("Org") }), [
        `project.name: "Org" cannot be used: "Org" is not a path component: lower-case letters and digits, with single '.', '_', '__' or '-' between them`,
    ]);
});

test("applies Harbor's rules to a project or an account that Harbor creates, and to Harbor's own host", () => {
    const fault = [`project.name: "org/team" cannot be used: ${harborName}`];
    const name = "org/team";
    const given = existing(name);
    assert.deepEqual(place({ registry, project: { name }, credentials }), fault);
    assert.deepEqual(place({ registry, project: given.project }), fault);
    assert.deepEqual(place({ registry, ...given }, { explicitProvider: true }), fault);
    assert.deepEqual(place({ registry, ...given }, { configUrl: `https://${registry}/` }), fault);
    assert.deepEqual(
        place({ registry, ...given }, { environmentUrl: `http://${registry}` }),
        fault,
    );
    assert.deepEqual(place(given, { configUrl: "https://harbor.example.com" }), fault);
});

test("marks the tags of caches in a given repository, and rejects the image's tags of that form", () => {
    const shared = { registry, ...existing("org"), cache: { repository: "org/fm" } };
    assert.deepEqual(place({ ...shared, tags: ["main", "1.cache."] }), {
        registry,
        repository: "org/fm",
        cacheRepository: "org/fm",
        fallbackRepository: "org/fm",
        cacheTagPrefix: "cache.",
    });
    assert.deepEqual(place({ ...shared, tags: ["main", "cache.main"] }), [
        'tags[1]: "cache.main" cannot be used: cache.repository is the image\'s repository, where tags that start with "cache." are caches',
    ]);
    const apart = place({ ...shared, cache: { repository: "org/fm-cache" }, tags: ["cache.main"] });
    assert.equal("cacheTagPrefix" in apart && apart.cacheTagPrefix, "cache.");
});

test("rejects a cache repository with a cache project, without an account, or with an invalid name", () => {
    const repository = "org/fm-cache";
    assert.deepEqual(place({ registry, ...existing("org"), cache: { repository, project: "b" } }), [
        "cache.repository: names the whole repository; remove cache.project and cache.fallbackProject",
    ]);
    const { project } = existing("org");
    assert.deepEqual(place({ registry, project, cache: { repository } }), [
        "cache.repository: requires credentials: the component's robot account can push only in the projects of the image and of cache.project",
    ]);
    assert.deepEqual(place({ registry, ...existing("org"), cache: { repository: "org/Fm" } }), [
        `cache.repository: "org/Fm" cannot be used: "Fm" is not a path component: lower-case letters and digits, with single '.', '_', '__' or '-' between them`,
    ]);
});

test("requires names of two parts for Docker Hub", () => {
    for (const hub of ["docker.io", "index.docker.io", "registry-1.docker.io"]) {
        assert.deepEqual(place({ registry: hub, ...existing("org") }), [
            'cache.repository: missing; the cache would be in "org/fm/cache", and Docker Hub has only names of two parts. Expected one such as "org/fm-cache"',
        ]);
        const given = { registry: hub, ...existing("org"), cache: { repository: "org/fm-cache" } };
        assert.equal("cacheRepository" in place(given), true);
    }
    assert.deepEqual(
        place({ registry: "docker.io", ...existing("org"), cache: { repository: "org/a/b" } }),
        [
            'cache.repository: "org/a/b"; the cache would be in "org/a/b", and Docker Hub has only names of two parts. Expected one such as "org/fm-cache"',
        ],
    );
});
