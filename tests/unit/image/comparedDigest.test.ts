import assert from "node:assert/strict";
import { test } from "node:test";
import type { ImageArgs } from "@pulumi/docker-build";
import * as pulumi from "@pulumi/pulumi";
import { comparedDigest } from "../../../src/image/specification";
import { known } from "../../support/mocks";

const inputs: ImageArgs = {
    context: { location: "context" },
    tags: ["harbor.example.com/shop/fm:1"],
    push: false,
    buildArgs: { A: "1", B: pulumi.output("2") },
    secrets: pulumi.secret({ token: "S3cret" }),
    registries: [
        { address: "harbor.example.com", username: "robot$ci", password: pulumi.secret("Given") },
    ],
};
const digest = (more: ImageArgs = { push: false }) => known(comparedDigest({ ...inputs, ...more }));
const account = (username: string, password: string) => [
    { address: "harbor.example.com", username, password },
];

test("computes the same digest for the same compared inputs, in any order and without what docker-build ignores", async () => {
    const first = await digest();
    assert.match(first, /^sha256:[0-9a-f]{64}$/);
    for (const same of [
        { buildArgs: { B: "2", A: "1" } },
        { labels: undefined },
        { secrets: { token: "Rotated" } },
        { registries: account("robot$ci", "Rotated") },
    ]) {
        assert.equal(await digest({ push: false, ...same }), first, JSON.stringify(same));
    }
});

test("computes another digest for every input that docker-build compares", async () => {
    const changes: Partial<ImageArgs>[] = [
        { buildArgs: { A: "1", B: "3" } },
        { secrets: { token: "S3cret", other: "more" } },
        { registries: account("robot$other", "Given") },
        { labels: { team: "shop" } },
        { tags: ["harbor.example.com/shop/fm:2"] },
        { target: "debug" },
        { network: "none" },
        { addHosts: ["db:10.0.0.1"] },
        { platforms: ["linux/arm64"] },
        { cacheFrom: [{ registry: { ref: "harbor.example.com/shop/fm/cache:dev" } }] },
        { context: { location: "elsewhere" } },
        { buildOnPreview: true },
    ];
    const all = await Promise.all(changes.map((one) => digest({ push: false, ...one })));
    assert.equal(new Set([...all, await digest()]).size, changes.length + 1);
});

test("keeps the digest of compared inputs public, unless a build argument is secret", async () => {
    assert.equal(await pulumi.isSecret(comparedDigest(inputs)), false);
    const buildArgs = { A: pulumi.secret("1") };
    assert.equal(await pulumi.isSecret(comparedDigest({ ...inputs, buildArgs })), true);
});
