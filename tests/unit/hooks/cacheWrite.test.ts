import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { cacheWriteHook } from "../../../src/hooks/cacheWrite";
import { mockRun } from "../../support/mocks";
import { startTinyRegistry, type TinyRegistry } from "../registry/tinyRegistry";

let registry: TinyRegistry;
before(async () => {
    await mockRun();
    registry = await startTinyRegistry({ projects: { shop: "public" } });
});
after(() => registry.close());

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
/** Without a builder, so that no history gives a reason. */
const env = { BUILDX_CONFIG: mkdtempSync(join(tmpdir(), "hb-buildx-")), HOME: "/nonexistent" };

/** A component's hook, with the images and reasons that it reports. */
function hook() {
    const unwritten: [string, string][] = [];
    const run = cacheWriteHook({
        url: registry.url,
        env,
        onUnwritten: (image, reason) => unwritten.push([image, reason]),
    });
    const after = (name: string, newInputs: Record<string, unknown>, pushed = "") =>
        run({
            urn: `urn:pulumi:dev::test::docker-build:index:Image::${name}`,
            id: name,
            name,
            type: "docker-build:index:Image",
            newInputs,
            newOutputs: { digest: pushed },
        });
    return { unwritten, after };
}

const tags = () => [`${registry.host}/shop/fm:1`];
const cacheTo = (tag: string) => [{ registry: { ref: `${registry.host}/shop/fm/cache:${tag}` } }];
const reason =
    "BuildKit's history has no reason. Check the storage quota of the project, and whether the account may push there.";

test("reports an image whose build left no cache", async () => {
    const { after, unwritten } = hook();
    await after("fm-app", { tags: tags(), cacheTo: cacheTo("none") }, digest("1"));
    assert.deepEqual(unwritten, [["fm-app", reason]]);
});

test("reports nothing for a written cache, and asks nothing for an inline cache", async () => {
    const { after, unwritten } = hook();
    const layers = [{ digest: digest("2") }];
    registry.manifest("shop/fm/cache", "written", { layers });
    const image = registry.manifest("shop/fm", "1", { layers });
    await after("fm-app", { tags: tags(), cacheTo: cacheTo("written") }, image);
    const before = registry.requests.length;
    await after("fm-stage-build", { tags: tags(), cacheTo: [{ inline: {} }] }, image);
    assert.deepEqual(unwritten, []);
    assert.equal(registry.requests.length, before);
});

test("compares a build that only writes a cache with the image before it, and reports that image", async () => {
    const { after, unwritten } = hook();
    registry.manifest("shop/fm/cache", "old", { layers: [{ digest: digest("3") }] });
    const image = registry.manifest("shop/fm", "1", { layers: [{ digest: digest("4") }] });
    await after("fm-app", { tags: tags() }, image);
    assert.deepEqual(unwritten, []);
    await after("fm-cache", { cacheTo: cacheTo("old") });
    assert.deepEqual(unwritten, [["fm-app", reason]]);
});

test("compares a build that only writes a cache with the last image of the same builder", async () => {
    const { after, unwritten } = hook();
    const [slow, fast] = [{ name: "slow" }, { name: "fast" }];
    registry.manifest("shop/fm/cache", "fast", { layers: [{ digest: digest("5") }] });
    const slowImage = registry.manifest("shop/fm", "1", { layers: [{ digest: digest("6") }] });
    const fastImage = registry.manifest("shop/fm", "1", { layers: [{ digest: digest("5") }] });
    await after("fm-app-fast", { tags: tags(), builder: fast }, fastImage);
    await after("fm-app-slow", { tags: tags(), builder: slow }, slowImage);
    await after("fm-cache-fast", { cacheTo: cacheTo("fast"), builder: fast });
    assert.deepEqual(unwritten, []);
    await after("fm-cache-slow", { cacheTo: cacheTo("none"), builder: slow });
    assert.deepEqual(unwritten, [["fm-app-slow", reason]]);
});
