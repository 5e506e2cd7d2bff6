import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { openLab, root } from "../support/lab";
import { succeeded } from "../support/run";
import { sharedStack } from "../support/sharedStack";
import { tinyFiles, writeFolder } from "../support/tinyProject";

// The program of the recorded state, which version 0.1.0 wrote. Its names, digests and slices are
// those that 0.1.0 gives this program; its passwords are replaced. Its Harbor does not exist: an
// unchanged stack needs none.
const program = `
import { CachedImage, CacheBackend, ImageProject, NetworkMode } from "harbor-build";
import * as pulumi from "@pulumi/pulumi";

const shop = new ImageProject("shop", { name: "shop", immutableTags: ["v*"] });
const tiny = new CachedImage("tiny", {
    project: shop.project,
    context: "tiny",
    image: "first",
    tags: ["1.0", "latest"],
    tagByContent: true,
    buildArgs: { VERSION: "2", GREETING: "ahoy" },
    labels: { owner: "shop" },
    buildLabels: { commit: "0123456" },
    secrets: { token: pulumi.secret("not used") },
    network: NetworkMode.Default,
    extraHosts: ["db:127.0.0.1"],
    namedContexts: { docs: "docs" },
});
const second = new CachedImage("second", {
    project: { name: "other", storageQuota: 1 },
    robotDays: 30,
    context: "tiny",
    cache: { backend: CacheBackend.Registry, scope: "main", fallbackScopes: ["old"] },
    platforms: ["linux/amd64"],
    retainImages: false,
});
export const refs = [tiny.ref, second.ref];
`;

const lab = openLab();
const stack = sharedStack(lab, program, {
    files: writeFolder({ ...tinyFiles, "docs/a.md": "a\n" }),
    environment: {
        HARBOR_URL: "https://harbor.example.com",
        HARBOR_USERNAME: "admin",
        HARBOR_PASSWORD: "never asked",
    },
});

test("shows only the new tag by content and caches that may fail for a stack of version 0.1.0", async () => {
    const file = join(root, "tests/golden/state-0.1.0.json");
    const imported = await stack.pulumi(["stack", "import", "--file", file]);
    assert.equal(imported.code, 0, imported.output);
    const { operations, diffs } = succeeded(await stack.preview("--diff"));
    // The tag of 0.1.0 ignored the labels. The stamp keeps the labels of the run until the tag changes.
    // With 0.1.0, a cache that the registry refused failed the deployment.
    assert.deepEqual(diffs, {
        "tiny-app": ["cacheTo", "tags"],
        "tiny-stamp": ["triggers"],
        "second-app": ["cacheTo"],
    });
    const changed = Object.entries(operations).filter(([, operation]) => operation !== "same");
    assert.deepEqual(Object.fromEntries(changed), {
        "tiny-app": "update",
        "tiny-stamp": "update",
        "second-app": "update",
    });
    assert.equal(Object.keys(operations).length, 14);
});
