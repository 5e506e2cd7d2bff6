import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import { gatherCaches } from "../../../src/registry/gather";
import { keepMounts } from "../../../src/registry/mountSaves";
import { answerNoDisk, startTinyRegistry, type TinyRegistry } from "./tinyRegistry";

const repository = "shop/fm/cache";
const createdAt = "2026-01-02T03:04:05Z";
const account = { username: "robot$shop+ci", password: "right-secret" };
const layerType = "application/vnd.oci.image.layer.v1.tar+zstd";
const configType = "application/vnd.buildkit.cacheconfig.v0";
let registry: TinyRegistry | undefined;
/** Path of writes that the registry refuses. @default none */
let broken: string | undefined;

beforeEach(async () => {
    await registry?.close();
    broken = undefined;
    registry = await startTinyRegistry({
        before: ({ url, method }, response) => {
            const breaks = method === "PUT" && url === `/v2/${repository}/manifests/${broken}`;
            if (breaks) {
                answerNoDisk(response);
            }
            return breaks;
        },
        projects: { shop: "private" },
        accounts: {
            [account.username]: { password: account.password, rights: { shop: ["pull", "push"] } },
        },
    });
});
after(() => registry?.close());

function open(): TinyRegistry {
    assert.ok(registry);
    return registry;
}

async function run() {
    const { host, url } = open();
    const reference = (tag: string) => `${host}/${repository}:${tag}`;
    const references = {
        candidate: reference("dev__0-save"),
        kept: reference("dev__0-mounts"),
        cache: reference("dev"),
    };
    const saves = await keepMounts(references, () => account, { url });
    return "reason" in saves ? saves.reason : saves.map(({ outcome }) => outcome);
}

// BuildKit names the root of a mount in links to the key of a step.
const link = (position: number) => [{ link: position, selector: "sha256:root" }];

function push(tag: string, config: object, sizes: Readonly<Record<string, number>>): void {
    const digest = open().blob(repository, JSON.stringify(config));
    const layers = Object.entries(sizes).map(([blob, size]) => ({
        mediaType: layerType,
        digest: blob,
        size,
    }));
    open().manifest(repository, tag, { config: { mediaType: configType, digest }, layers });
}

function pushSave(blob: string, size: number): void {
    const records = [
        { digest: "empty" },
        { digest: "base" },
        { digest: "pack", inputs: [link(1), link(0)] },
        { digest: "copy", inputs: [link(2)], layers: [{ layer: 0, createdAt }] },
    ];
    push("dev__0-save", { layers: [{ blob, parent: -1 }], records }, { [blob]: size });
}

/** The cache that a build of the app image wrote: its restore has a result. */
function pushCache(): void {
    const layers = [
        { blob: "sha256:base", parent: -1 },
        { blob: "sha256:restored", parent: 0 },
    ];
    const records = [
        { digest: "base" },
        { digest: "empty" },
        { digest: "restore", inputs: [link(0), link(1)], layers: [{ layer: 1, createdAt }] },
    ];
    push("dev", { layers, records }, { "sha256:base": 10, "sha256:restored": 20 });
}

/** The layer of a step's result in the stack's cache; undefined for none. */
function resultOf(step: string): unknown {
    const manifest = JSON.parse(open().read(repository, "manifests/dev") ?? "null");
    const config = JSON.parse(open().read(repository, `blobs/${manifest.config.digest}`) ?? "");
    const { layers } = config.records.find(({ digest }: { digest: string }) => digest === step);
    const blob = config.layers[layers?.[0]?.layer]?.blob;
    const described = manifest.layers.some(({ digest }: { digest: string }) => digest === blob);
    return blob !== undefined && !described ? "without a descriptor" : blob;
}

const puts = () => open().requests.filter((request) => request.startsWith("PUT"));

test("keeps a save and attaches it to the stack's cache, and again only after a new build", async () => {
    pushSave("sha256:save", 1_000_000);
    pushCache();
    assert.deepEqual(await run(), ["saved"]);
    assert.equal(resultOf("empty"), "sha256:save");
    assert.equal(resultOf("restore"), undefined);
    const written = puts().length;
    assert.deepEqual(await run(), ["saved"]);
    assert.equal(puts().length, written, "nothing changed");
    pushCache();
    assert.deepEqual(await run(), ["saved"]);
    assert.equal(resultOf("empty"), "sha256:save");
});

test("keeps the last good save when a save is empty, refused or much smaller", async () => {
    pushSave("sha256:good", 1_000_000);
    pushCache();
    await run();
    for (const [size, outcome] of [
        [400, "empty"],
        [4500, "noTar"],
        [8600, "tooLarge"],
        [100_000, "shrunk"],
    ] as const) {
        pushSave(`sha256:${outcome}`, size);
        pushCache();
        assert.deepEqual(await run(), [outcome]);
        assert.equal(resultOf("empty"), "sha256:good");
        assert.equal(resultOf("restore"), undefined);
    }
});

test("removes the empty result of a build without any save, so that another scope's save is used", async () => {
    pushSave("sha256:none", 400);
    pushCache();
    assert.deepEqual(await run(), ["empty"]);
    assert.equal(resultOf("empty"), undefined);
});

test("replaces damaged earlier saves", async () => {
    const digest = open().blob(repository, "{ damaged");
    open().manifest(repository, "dev__0-mounts", { config: { mediaType: configType, digest } });
    pushSave("sha256:save", 1_000_000);
    pushCache();
    assert.deepEqual(await run(), ["saved"]);
    assert.equal(resultOf("empty"), "sha256:save");
});

test("reports why it keeps nothing", async () => {
    assert.equal(await run(), "the build wrote no save");
    pushSave("sha256:save", 1_000_000);
    pushCache();
    broken = "dev__0-mounts";
    assert.equal(await run(), "no disk");
    assert.equal(resultOf("restore"), "sha256:restored", "the cache is as it was");
});

test("the next run attaches the saves that an interrupted run did not", async () => {
    pushSave("sha256:save", 1_000_000);
    pushCache();
    await run();
    pushCache();
    const { host, url } = open();
    const reference = (tag: string) => `${host}/${repository}:${tag}`;
    const gathering = { into: reference("dev"), from: [], kept: reference("dev__0-mounts") };
    const gather = () => gatherCaches(gathering, () => account, { url });
    assert.deepEqual(await gather(), { from: [] });
    assert.equal(resultOf("empty"), "sha256:save");
    assert.equal(resultOf("restore"), undefined);
    const written = puts().length;
    await gather();
    assert.equal(puts().length, written, "nothing changed");
});
