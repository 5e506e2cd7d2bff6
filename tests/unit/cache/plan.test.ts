import assert from "node:assert/strict";
import { test } from "node:test";
import { CacheBackend } from "../../../src/cache/backend";
import { planCache } from "../../../src/cache/plan";
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

test("the builder-stage image reads and writes its stage's cache", () => {
    assert.deepEqual(planCache(request).builderImages, [
        {
            stage: "build",
            cacheFrom: [`${cache}:dev__build`],
            inlineRef: `${cache}:dev__build`,
        },
    ]);
});

test("the app image reads the builder-stage cache first and its own at the end", () => {
    assert.deepEqual(planCache(request).app, {
        cacheFrom: [`${cache}:dev__build`, `${cache}:dev`],
        registryRef: `${cache}:dev`,
    });
});

test("fallback scopes are read and never written", () => {
    const plan = planCache({ ...request, scope: "pr-7", fallbackScopes: ["main"] });
    assert.deepEqual(plan.builderImages[0], {
        stage: "build",
        cacheFrom: [`${cache}:pr-7__build`, `${cache}:main__build`],
        inlineRef: `${cache}:pr-7__build`,
    });
    assert.deepEqual(plan.app, {
        cacheFrom: [
            `${cache}:main__build`,
            `${cache}:pr-7__build`,
            `${cache}:main`,
            `${cache}:pr-7`,
        ],
        registryRef: `${cache}:pr-7`,
    });
});

test("the user's own sources come before the app's and after a stage's", () => {
    const plan = planCache({ ...request, extraSources: ["registry.example.com/base:1"] });
    assert.deepEqual(plan.builderImages[0]?.cacheFrom, [
        `${cache}:dev__build`,
        "registry.example.com/base:1",
    ]);
    assert.equal(plan.app.cacheFrom[0], "registry.example.com/base:1");
    assert.equal(plan.app.cacheFrom.at(-1), `${cache}:dev`);
});

test("a Dockerfile of one stage has an app image and no other", () => {
    const plan = planCache({ ...request, builderStages: [] });
    assert.deepEqual(plan, {
        builderImages: [],
        app: { cacheFrom: [`${cache}:dev`], registryRef: `${cache}:dev` },
    });
});

test("the registry backend keeps every stage in the app image's cache manifest", () => {
    const plan = planCache({
        ...request,
        backend: CacheBackend.Registry,
        fallbackScopes: ["main"],
    });
    assert.deepEqual(plan, {
        builderImages: [],
        app: {
            cacheFrom: [`${cache}:dev`, `${cache}:main`],
            registryRef: `${cache}:dev`,
        },
    });
});

test("a stack that does not write reads the same caches and builds no image for others", () => {
    const plan = planCache({ ...request, scope: "pr-7", fallbackScopes: ["main"], write: false });
    assert.deepEqual(plan.builderImages, []);
    assert.deepEqual(plan.app, {
        cacheFrom: [
            `${cache}:main__build`,
            `${cache}:pr-7__build`,
            `${cache}:main`,
            `${cache}:pr-7`,
        ],
        registryRef: undefined,
    });
});

test("each of several platforms has references of its own", () => {
    const plan = planCache({ ...request, platform: "linux/arm64" });
    const suffix = encodeScopePart("linux/arm64");
    assert.equal(plan.app.registryRef, `${cache}:dev____${suffix}`);
    assert.equal(plan.builderImages[0]?.inlineRef, `${cache}:dev__build__${suffix}`);
});
