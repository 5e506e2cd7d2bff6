import assert from "node:assert/strict";
import { test } from "node:test";
import { CacheBackend } from "../../../src/cache/backend";
import { planCache } from "../../../src/cache/references";
import { encodeScopePart } from "../../../src/cache/scope";

const request = {
    registry: "harbor.example.com",
    repository: "shop/fm/cache",
    builderStages: ["build"],
    scope: "dev",
    fallbackScopes: [],
    extraSources: [],
    backend: CacheBackend.Inline,
    write: true,
};
const cache = "harbor.example.com/shop/fm/cache";

test("has every image read the stack's cache, which the app image writes", () => {
    assert.deepEqual(planCache(request), {
        builderImages: [
            { stage: "build", cacheFrom: [`${cache}:dev`], inlineRef: `${cache}:dev__build` },
        ],
        app: { cacheFrom: [`${cache}:dev`], registryRef: `${cache}:dev` },
        gathering: { into: `${cache}:dev`, from: [`${cache}:dev__build`] },
        mounts: {
            candidate: `${cache}:dev__0-save`,
            kept: `${cache}:dev__0-mounts`,
            fallbacks: [],
            cache: `${cache}:dev`,
        },
    });
});

test("gathers the caches of fallback scopes, nearest first, and never writes to those scopes", () => {
    const plan = planCache({ ...request, scope: "pr-7", fallbackScopes: ["main", "prod"] });
    assert.deepEqual(plan.builderImages[0], {
        stage: "build",
        cacheFrom: [`${cache}:pr-7`],
        inlineRef: `${cache}:pr-7__build`,
    });
    assert.deepEqual(plan.app, {
        cacheFrom: [`${cache}:pr-7`],
        registryRef: `${cache}:pr-7`,
    });
    assert.deepEqual(plan.gathering, {
        into: `${cache}:pr-7`,
        from: [
            `${cache}:pr-7__build`,
            `${cache}:main`,
            `${cache}:main__build`,
            `${cache}:prod`,
            `${cache}:prod__build`,
        ],
    });
});

test("reads only builder-stage images with the backend Images, the stack's own last", () => {
    const images = { ...request, backend: CacheBackend.Images, fallbackScopes: ["main"] };
    const cacheFrom = [`${cache}:main__build`, `${cache}:dev__build`];
    assert.deepEqual(planCache(images), {
        builderImages: [{ stage: "build", cacheFrom, inlineRef: `${cache}:dev__build` }],
        app: { cacheFrom },
        gathering: undefined,
        mounts: undefined,
    });
    assert.deepEqual(planCache({ ...images, write: false }), {
        builderImages: [],
        app: { cacheFrom },
        gathering: undefined,
        mounts: undefined,
    });
});

test("starts every tag with the prefix", () => {
    const plan = planCache({ ...request, tagPrefix: "cache.", fallbackScopes: ["main"] });
    assert.deepEqual(plan.gathering, {
        into: `${cache}:cache.dev`,
        from: [`${cache}:cache.dev__build`, `${cache}:cache.main`, `${cache}:cache.main__build`],
    });
    assert.equal(plan.mounts?.kept, `${cache}:cache.dev__0-mounts`);
});

test("puts the user's own sources before the stack's cache", () => {
    const plan = planCache({ ...request, extraSources: ["registry.example.com/base:1"] });
    const cacheFrom = ["registry.example.com/base:1", `${cache}:dev`];
    assert.deepEqual(plan.builderImages[0]?.cacheFrom, cacheFrom);
    assert.deepEqual(plan.app.cacheFrom, cacheFrom);
});

test("plans only an app image for a Dockerfile of one stage, and takes nothing over", () => {
    assert.deepEqual(planCache({ ...request, builderStages: [] }), {
        builderImages: [],
        app: { cacheFrom: [`${cache}:dev`], registryRef: `${cache}:dev` },
        gathering: undefined,
        mounts: {
            candidate: `${cache}:dev__0-save`,
            kept: `${cache}:dev__0-mounts`,
            fallbacks: [],
            cache: `${cache}:dev`,
        },
    });
});

test("plans no builder-stage images for the registry backend", () => {
    const plan = planCache({
        ...request,
        backend: CacheBackend.Registry,
        fallbackScopes: ["main"],
    });
    assert.deepEqual(plan, {
        builderImages: [],
        app: { cacheFrom: [`${cache}:dev`], registryRef: `${cache}:dev` },
        gathering: { into: `${cache}:dev`, from: [`${cache}:main`] },
        mounts: {
            candidate: `${cache}:dev__0-save`,
            kept: `${cache}:dev__0-mounts`,
            fallbacks: [`${cache}:main__0-mounts`],
            cache: `${cache}:dev`,
        },
    });
});

test("reads the caches of its scopes in a stack that does not write, the nearest last, and builds no image for others", () => {
    const plan = planCache({
        ...request,
        scope: "pr-7",
        fallbackScopes: ["main", "prod"],
        write: false,
    });
    assert.deepEqual(plan, {
        builderImages: [],
        app: { cacheFrom: [`${cache}:prod`, `${cache}:main`, `${cache}:pr-7`] },
        gathering: undefined,
        mounts: undefined,
    });
});

test("gives each of several platforms separate references", () => {
    const plan = planCache({ ...request, platform: "linux/arm64" });
    const suffix = encodeScopePart("linux/arm64");
    assert.equal(plan.app.registryRef, `${cache}:dev____${suffix}`);
    assert.equal(plan.builderImages[0]?.inlineRef, `${cache}:dev__build__${suffix}`);
    assert.deepEqual(plan.gathering?.from, [`${cache}:dev__build__${suffix}`]);
});

test("leaves out further sources that are read anyway", () => {
    const extraSources = ["dev", "main", "dev__build", "main__build", "other"].map(
        (tag) => `${cache}:${tag}`,
    );
    const shared = { ...request, fallbackScopes: ["main"], extraSources };
    const cacheFrom = [`${cache}:other`, `${cache}:dev`];
    assert.deepEqual(planCache(shared).app.cacheFrom, cacheFrom);
    assert.deepEqual(planCache({ ...shared, write: false }).app.cacheFrom, [
        `${cache}:other`,
        `${cache}:main`,
        `${cache}:dev`,
    ]);
});

test("reads the fallback scopes in another repository, also those with the name of the stack's scope, and writes only its own", () => {
    const main = "harbor.example.com/main/fm/cache";
    const reviews = {
        ...request,
        scope: "main",
        fallbackScopes: ["main"],
        fallbackRepository: "main/fm/cache",
    };
    assert.deepEqual(planCache(reviews), {
        builderImages: [
            { stage: "build", cacheFrom: [`${cache}:main`], inlineRef: `${cache}:main__build` },
        ],
        app: { cacheFrom: [`${cache}:main`], registryRef: `${cache}:main` },
        gathering: {
            into: `${cache}:main`,
            from: [`${cache}:main__build`, `${main}:main`, `${main}:main__build`],
        },
        mounts: {
            candidate: `${cache}:main__0-save`,
            kept: `${cache}:main__0-mounts`,
            fallbacks: [`${main}:main__0-mounts`],
            cache: `${cache}:main`,
        },
    });
    assert.deepEqual(planCache({ ...reviews, write: false }).app.cacheFrom, [
        `${main}:main`,
        `${cache}:main`,
    ]);
});

test("leaves out a fallback that is the stack's cache", () => {
    const shared = { ...request, scope: "main", fallbackScopes: ["main"] };
    assert.deepEqual(planCache(shared), planCache({ ...request, scope: "main" }));
});
