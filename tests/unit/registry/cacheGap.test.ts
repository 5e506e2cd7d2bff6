import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { CacheGap, findCacheGap } from "../../../src/registry/cacheGap";
import { startTinyRegistry, type TinyRegistry } from "./tinyRegistry";

let registry: TinyRegistry;
before(async () => {
    registry = await startTinyRegistry({ projects: { shop: "public" } });
});
after(() => registry.close());

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const layers = (...digits: string[]) => digits.map((one) => ({ digest: digest(one), size: 1 }));
const config = { mediaType: "application/vnd.oci.image.config.v1+json", digest: digest("c") };
const gap = (cache: string, image?: string) =>
    findCacheGap(
        `${registry.host}/shop/fm/cache:${cache}`,
        image && `${registry.host}/shop/fm@${image}`,
        () => undefined,
        { url: registry.url, env: {} },
    );

test("finds no gap in a cache with all layers of the image", async () => {
    registry.manifest("shop/fm/cache", "whole", { layers: layers("1", "2", "3") });
    const image = registry.manifest("shop/fm", "1", { config, layers: layers("1", "3") });
    assert.equal(await gap("whole", image), undefined);
});

test("finds an older cache, which lacks a layer of the image", async () => {
    registry.manifest("shop/fm/cache", "old", { layers: layers("1", "2") });
    const image = registry.manifest("shop/fm", "1", { config, layers: layers("1", "3") });
    assert.equal(await gap("old", image), CacheGap.Older);
});

test("finds a missing cache, without an image too", async () => {
    const image = registry.manifest("shop/fm", "1", { config, layers: [] });
    assert.equal(await gap("none", image), CacheGap.Missing);
    assert.equal(await gap("none"), CacheGap.Missing);
});

test("reads the image of an index with attestations", async () => {
    registry.manifest("shop/fm/cache", "attested", { layers: layers("1") });
    const image = registry.manifest("shop/fm", "image", { config, layers: layers("1") });
    const attestation = registry.manifest("shop/fm", "sbom", { config, layers: layers("9") });
    const manifests = [{ digest: image }, { digest: attestation }];
    assert.equal(
        await gap("attested", registry.manifest("shop/fm", "2", { manifests })),
        undefined,
    );
    const changed = registry.manifest("shop/fm", "image", { config, layers: layers("4") });
    const index = registry.manifest("shop/fm", "3", { manifests: [{ digest: changed }] });
    assert.equal(await gap("attested", index), CacheGap.Older);
});

test("judges only the existence of the cache without an image", async () => {
    registry.manifest("shop/fm/cache", "alone", { layers: [] });
    assert.equal(await gap("alone"), undefined);
    assert.equal(await gap("alone", digest("f")), undefined);
});

test("throws when the registry does not answer with a manifest", async () => {
    await assert.rejects(
        findCacheGap(`${registry.host}/elsewhere/fm/cache:dev`, undefined, () => undefined, {
            url: registry.url,
            env: {},
        }),
        /project elsewhere not found/,
    );
});
