import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import type { Resource } from "@pulumi/pulumi";
import type { CachedImagePlan } from "../../../src/image/imagePlan";
import { ownershipFaults } from "../../../src/image/ownership";
import { makeSliceFolder } from "../../../src/image/sliceFolder";
import { construct, inline } from "../engine/constructs";

before(() => process.chdir(mkdtempSync(join(tmpdir(), "hb-owners-"))));

// Only the identity of a resource counts.
const component = (name: string) => ({ resource: {} as Resource, name });

function plan({
    project = "shop",
    image = "base",
    scope = "dev",
    tags = ["1"],
    caches = "",
    writes = true,
} = {}) {
    const registry = "harbor.example.com";
    const references = tags.map((tag) => `${registry}/${project}/${image}:${tag}`);
    const cache = { repository: caches || `shop/${image}/cache`, scope };
    const app = {
        tags: references,
        cache: writes ? { registryRef: `${registry}/${cache.repository}:${scope}` } : {},
    };
    const planned = {
        registry,
        project,
        image,
        cache,
        references,
        builds: [{ app, builderImages: [] }],
    };
    // The other members decide what is built.
    return planned as unknown as CachedImagePlan;
}

type Given = Parameters<typeof plan>[0];

/** The faults of two components of one run, in another language and in an inline program. */
function faultsOf(port: number, first: Given, second: Given) {
    const [a, b] = [component("a"), component("b")];
    const engine = `127.0.0.1:${port}`;
    assert.deepEqual(
        construct(engine, () => ownershipFaults(a, plan(first))),
        [],
    );
    const served = construct(engine, () => ownershipFaults(b, plan(second)));
    const own = inline(engine, () => {
        assert.deepEqual(ownershipFaults(a, plan(first)), []);
        return ownershipFaults(b, plan(second));
    });
    assert.deepEqual(served, own);
    return served.map(({ path, message }) => `${path}: ${message}`);
}

const shared =
    'image: "base" has the same cache as CachedImage "a": harbor.example.com/shop/base/cache, scope ' +
    '"dev". Each would overwrite the other\'s. Expected one component for each image and cache scope. ' +
    "Fix: set another image, or another cache.scope that contains the stack's name, for one of them";

test("rejects a second component with the image and the scope of another one", () => {
    assert.deepEqual(faultsOf(6001, {}, { tags: ["2"] }), [shared]);
});

test("rejects a second component with the cache of another project's image", () => {
    assert.deepEqual(faultsOf(6002, {}, { project: "lib" }), [shared]);
});

test("rejects a tag that another component pushes", () => {
    const second = { scope: "debug", tags: ["2", "1"] };
    assert.deepEqual(faultsOf(6003, {}, second), [
        'tags: CachedImage "a" pushes harbor.example.com/shop/base:1 too. Fix: set other tags for one of them',
    ]);
});

test("rejects a cache that would overwrite the image of another component", () => {
    const second = { image: "b", caches: "shop/base", scope: "main" };
    assert.deepEqual(faultsOf(6010, { tags: ["main"] }, second), [
        'tags: CachedImage "a" pushes harbor.example.com/shop/base:main too. Fix: set other tags for one of them',
    ]);
});

test("rejects one image with two caches only in another language, where the order is unknown", () => {
    const [a, b] = [component("a"), component("b")];
    const second = plan({ caches: "other/base/cache", tags: ["2"] });
    const both = () => [ownershipFaults(a, plan()), ownershipFaults(b, second)];
    assert.deepEqual(inline("127.0.0.1:6009", both), [[], []]);
    const [, served = []] = construct("127.0.0.1:6009", both);
    assert.deepEqual(served, [
        {
            path: "image",
            message:
                '"base" with the cache scope "dev" is also the image of CachedImage "a": their generated ' +
                "files would be in one folder. Expected one component for each image and cache scope. " +
                "Fix: set another image, or another cache.scope that contains the stack's name, for one of them",
        },
    ]);
});

test("accepts two components that only read one cache", () => {
    const [a, b] = [component("a"), component("b")];
    const reads = (tag: string) => plan({ writes: false, tags: [tag] });
    const both = () => [ownershipFaults(a, reads("1")), ownershipFaults(b, reads("2"))];
    assert.deepEqual(inline("127.0.0.1:6010", both), [[], []]);
});

test("accepts one image with two scopes, and two images with one scope", () => {
    assert.deepEqual(faultsOf(6004, {}, { scope: "debug", tags: ["2"] }), []);
    assert.deepEqual(faultsOf(6005, {}, { image: "app" }), []);
});

test("gives each component of a run its own folder, in another language independent of their order", () => {
    const [a, b] = [component("a"), component("b")];
    const folderA = () => makeSliceFolder(plan(), "app", a);
    const folderB = () => makeSliceFolder(plan({ scope: "debug" }), "app", b);
    const folder = ".harbor-build/dev/harbor.example.com/shop/base/app";
    const expected = [folder, `${folder}-debug_h1bcc9cb650`];
    const served = (port: number, make: () => string) => construct(`127.0.0.1:${port}`, make);
    assert.deepEqual([served(6006, folderA), served(6006, folderB)], expected);
    assert.deepEqual([served(6007, folderB), served(6007, folderA)], expected.toReversed());
    assert.deepEqual(
        inline("127.0.0.1:6008", () => [folderA(), folderB(), folderA()]),
        [folder, `${folder}-b_ha0ce18a178`, folder],
    );
});
