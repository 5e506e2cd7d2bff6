import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import type { CacheGathering } from "../../../../src/cache/references";
import { Gatherer } from "../../../../src/hooks/checks/gatherer";
import { CacheSourceStatus } from "../../../../src/registry/cacheSource";
import { mockRun } from "../../../support/mocks";
import { startTinyRegistry, type TinyRegistry } from "../../registry/tinyRegistry";

let registry: TinyRegistry;
const account = { username: "ci", password: "right" };

before(async () => {
    registry = await startTinyRegistry({
        projects: { shop: "private" },
        accounts: { ci: { password: "right", rights: { shop: ["pull", "push"] } } },
    });
    const layer = { mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", size: 10 };
    const digest = registry.blob(
        "shop/fm/cache",
        JSON.stringify({
            layers: [{ blob: "sha256:base", parent: -1 }],
            records: [
                { digest: "from" },
                {
                    digest: "run",
                    inputs: [[{ link: 0 }]],
                    layers: [{ layer: 0, createdAt: "2026-01-02T03:04:05Z" }],
                },
            ],
        }),
    );
    registry.manifest("shop/fm/cache", "main", {
        config: { mediaType: "application/vnd.buildkit.cacheconfig.v0", digest },
        layers: [{ ...layer, digest: "sha256:base" }],
    });
});
after(() => registry.close());
beforeEach(() => {
    registry.requests.splice(0);
});

const reference = (tag: string) => `${registry.host}/shop/fm/cache:${tag}`;
const writes = () => registry.requests.filter((one) => one.startsWith("PUT"));

/** Gathers `main` and `lost` into the cache `into` of the stack, when the caches `there` exist. */
function gather(
    gatherer: Gatherer,
    into: string,
    there: readonly string[],
    more: Partial<CacheGathering> = {},
) {
    const { There, Missing } = CacheSourceStatus;
    const states = [into, "main", "lost"].map((tag) => ({
        reference: reference(tag),
        status: there.includes(tag) ? There : Missing,
    }));
    const from = ["main", "lost"].map(reference);
    const gathering = { into: reference(into), from, ...more };
    return gatherer.gather(gathering, states, async () => account);
}

test("copies the caches that exist into the stack's cache, once in a run", async () => {
    await mockRun();
    const gatherer = new Gatherer({ url: registry.url });
    const added = { into: reference("dev"), from: [reference("main")], isAhead: false };
    assert.deepEqual(await gather(gatherer, "dev", ["main"]), added);
    assert.deepEqual(
        writes().filter((one) => one.includes("/manifests/")),
        ["PUT /v2/shop/fm/cache/manifests/dev"],
    );
    const count = registry.requests.length;
    assert.equal(await gather(gatherer, "dev", ["dev", "main"]), undefined);
    assert.equal(registry.requests.length, count);
    // Another run finds everything in the stack's cache.
    const next = new Gatherer({ url: registry.url });
    assert.equal(await gather(next, "dev", ["dev", "main"]), undefined);
    assert.ok(registry.requests.length > count);
});

test("asks nothing when there is nothing to copy, and when no saves may have to be attached", async () => {
    await mockRun();
    const gathered = async (there: readonly string[], more: Partial<CacheGathering> = {}) => {
        const gatherer = new Gatherer({ url: registry.url });
        assert.equal(await gather(gatherer, "new", there, more), undefined);
        return registry.requests.length > 0;
    };
    const kept = reference("mounts");
    assert.equal(await gathered([]), false);
    assert.equal(await gathered(["new"]), false);
    assert.equal(await gathered([], { kept }), false);
    assert.equal(await gathered(["new"], { kept }), true);
});

test("reports why nothing was copied", async () => {
    await mockRun();
    const gatherer = new Gatherer({ url: "http://127.0.0.1:9" });
    const [into, from] = ["127.0.0.1:9/a/b:dev", "127.0.0.1:9/a/b:main"];
    const states = [{ reference: from, status: CacheSourceStatus.There }];
    assert.deepEqual(await gatherer.gather({ into, from: [from] }, states, async () => account), {
        into,
        from: [from],
        isAhead: false,
        reason: "Harbor at http://127.0.0.1:9 cannot be reached: nothing listens there; is the port right and the server up? (ECONNREFUSED)",
    });
});

test("only says in a preview what the deployment will copy into a cache that does not exist yet", async () => {
    await mockRun({ preview: true });
    const gatherer = new Gatherer({ url: registry.url });
    const ahead = { into: reference("next"), from: [reference("main")], isAhead: true };
    for (let image = 0; image < 2; image++) {
        assert.deepEqual(await gather(gatherer, "next", ["main"]), ahead);
    }
    assert.equal(await gather(gatherer, "next", ["next", "main"]), undefined);
    assert.equal(await gather(gatherer, "next", []), undefined);
    assert.deepEqual(registry.requests, []);
});
