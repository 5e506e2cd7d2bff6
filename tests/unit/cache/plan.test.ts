import assert from "node:assert/strict";
import { test } from "node:test";
import { planCache } from "../../../src/cache/plan";

const request = {
    registry: "harbor.example.com",
    repository: "shop/fm",
    builderStages: ["build"],
    scope: "dev",
    fallbackScopes: [],
    extraSources: [],
};
const cache = "harbor.example.com/shop/fm/cache";

test("the builder-stage image reads and writes its stage's cache", () => {
    assert.deepEqual(planCache(request).builderImages, [
        { stage: "build", cacheFrom: [`${cache}:dev__build`], cacheRef: `${cache}:dev__build` },
    ]);
});

test("the app image reads the builder-stage cache first and its own last image at the end", () => {
    assert.deepEqual(planCache(request).app, {
        cacheFrom: [`${cache}:dev__build`, `${cache}:dev`],
        cacheRef: `${cache}:dev`,
    });
});

test("fallback scopes are read and never written", () => {
    const plan = planCache({ ...request, scope: "pr-7", fallbackScopes: ["main"] });
    assert.deepEqual(plan.builderImages[0], {
        stage: "build",
        cacheFrom: [`${cache}:pr-7__build`, `${cache}:main__build`],
        cacheRef: `${cache}:pr-7__build`,
    });
    assert.deepEqual(plan.app, {
        cacheFrom: [
            `${cache}:main__build`,
            `${cache}:pr-7__build`,
            `${cache}:main`,
            `${cache}:pr-7`,
        ],
        cacheRef: `${cache}:pr-7`,
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
        app: { cacheFrom: [`${cache}:dev`], cacheRef: `${cache}:dev` },
    });
});
