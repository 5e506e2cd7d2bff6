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

test("every image reads the one own cache, which the app image writes", () => {
    assert.deepEqual(planCache(request), {
        builderImages: [
            { stage: "build", cacheFrom: [`${cache}:dev`], inlineRef: `${cache}:dev__build` },
        ],
        app: { cacheFrom: [`${cache}:dev`], registryRef: `${cache}:dev` },
        gathering: { into: `${cache}:dev`, from: [`${cache}:dev__build`] },
    });
});

test("fallback scopes are taken over, nearest first, and never written", () => {
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

test("the user's own sources come before the own cache", () => {
    const plan = planCache({ ...request, extraSources: ["registry.example.com/base:1"] });
    const cacheFrom = ["registry.example.com/base:1", `${cache}:dev`];
    assert.deepEqual(plan.builderImages[0]?.cacheFrom, cacheFrom);
    assert.deepEqual(plan.app.cacheFrom, cacheFrom);
});

test("a Dockerfile of one stage has an app image and no other, and nothing to take over", () => {
    assert.deepEqual(planCache({ ...request, builderStages: [] }), {
        builderImages: [],
        app: { cacheFrom: [`${cache}:dev`], registryRef: `${cache}:dev` },
        gathering: undefined,
    });
});

test("the registry backend has no builder-stage images", () => {
    const plan = planCache({
        ...request,
        backend: CacheBackend.Registry,
        fallbackScopes: ["main"],
    });
    assert.deepEqual(plan, {
        builderImages: [],
        app: { cacheFrom: [`${cache}:dev`], registryRef: `${cache}:dev` },
        gathering: { into: `${cache}:dev`, from: [`${cache}:main`] },
    });
});

test("a stack that does not write reads its scopes' caches, the nearest last, and builds no image for others", () => {
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
    });
});

test("each of several platforms has references of its own", () => {
    const plan = planCache({ ...request, platform: "linux/arm64" });
    const suffix = encodeScopePart("linux/arm64");
    assert.equal(plan.app.registryRef, `${cache}:dev____${suffix}`);
    assert.equal(plan.builderImages[0]?.inlineRef, `${cache}:dev__build__${suffix}`);
    assert.deepEqual(plan.gathering?.from, [`${cache}:dev__build__${suffix}`]);
});

test("further sources that are read anyway are left out", () => {
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
