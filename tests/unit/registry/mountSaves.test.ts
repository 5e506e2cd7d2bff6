import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { after, beforeEach, test } from "node:test";
import { gatherCaches } from "../../../src/registry/gather";
import { dropMounts, keepMounts } from "../../../src/registry/mountSaves";
import { answerNoDisk, brokenAnswers, startTinyRegistry, type TinyRegistry } from "./tinyRegistry";

const repository = "shop/fm/cache";
const createdAt = "2026-01-02T03:04:05Z";
const account = { username: "robot$shop+ci", password: "right-secret" };
const layerType = "application/vnd.oci.image.layer.v1.tar+zstd";
const configType = "application/vnd.buildkit.cacheconfig.v0";
let registry: TinyRegistry | undefined;
/** Tag of writes that the registry refuses. @default none */
let broken: string | undefined;
/** Number of requests until one fails, and how. @default none */
let fault: { left: number; readonly act: (response: ServerResponse) => void } | undefined;
/** A layer that the registry has lost. @default none */
let lost: string | undefined;

beforeEach(async () => {
    await registry?.close();
    broken = lost = fault = undefined;
    registry = await startTinyRegistry({
        before: ({ url, method }, response) => {
            if (fault !== undefined && fault.left-- === 0) {
                fault.act(response);
                return true;
            }
            const breaks = method === "PUT" && url === `/v2/${repository}/manifests/${broken}`;
            const isLost = method === "HEAD" && url === `/v2/${repository}/blobs/${lost}`;
            if (breaks) {
                answerNoDisk(response);
            } else if (isLost) {
                response.writeHead(404).end();
            }
            return breaks || isLost;
        },
        projects: { shop: "private", main: "private" },
        accounts: {
            [account.username]: {
                password: account.password,
                rights: { shop: ["pull", "push"], main: ["pull"] },
            },
        },
    });
});
after(() => registry?.close());

function open(): TinyRegistry {
    assert.ok(registry);
    return registry;
}

const reference = (tag: string) => `${open().host}/${repository}:${tag}`;

function referencesTo(
    fallbacks: readonly string[] = ["next__0-mounts", "main__0-mounts"].map(reference),
) {
    return {
        candidate: reference("dev__0-save"),
        kept: reference("dev__0-mounts"),
        fallbacks,
        cache: reference("dev"),
    };
}

async function run(count = 1, { fallbacks }: { fallbacks?: readonly string[] } = {}) {
    const { url } = open();
    const saves = await keepMounts(referencesTo(fallbacks), count, () => account, { url });
    return "reason" in saves
        ? saves.reason
        : saves.map(({ outcome, restore }) =>
              restore === "done" ? outcome : `${outcome}, ${restore}`,
          );
}

/** Prepares a build that trusts no cache. */
const drop = () => dropMounts(referencesTo(), () => account, { url: open().url });

function gather() {
    const { url } = open();
    const gathering = { into: reference("dev"), from: [], kept: reference("dev__0-mounts") };
    return gatherCaches(gathering, () => account, { url });
}

// BuildKit names the root of a mount in links to the key of a step.
const link = (position: number) => [{ link: position, selector: "sha256:root" }];

function push(
    tag: string,
    config: object,
    sizes: Readonly<Record<string, number>>,
    to = repository,
): void {
    const digest = open().blob(to, JSON.stringify(config));
    const layers = Object.entries(sizes).map(([blob, size]) => ({
        mediaType: layerType,
        digest: blob,
        size,
    }));
    open().manifest(to, tag, { config: { mediaType: configType, digest }, layers });
}

/** Pushes a save, of which the manifest says that it has this size. Returns its layer. */
function pushSave(name: string, size: number): string {
    const blob = open().blob(repository, name);
    const records = [
        { digest: "empty" },
        { digest: "base" },
        { digest: "folder", inputs: [link(1)] },
        { digest: "pack", inputs: [link(2), link(0)] },
        { digest: "copy", inputs: [link(3)], layers: [{ layer: 0, createdAt }] },
    ];
    push("dev__0-save", { layers: [{ blob, parent: -1 }], records }, { [blob]: size });
    return blob;
}

/** The cache that a build of the app image wrote: its restore has a result. */
function pushCache({ bytes = 20, restoredAt = createdAt } = {}): void {
    const layers = [
        { blob: "sha256:base", parent: -1 },
        { blob: "sha256:restored", parent: 0 },
    ];
    const records = [
        { digest: "base" },
        { digest: "empty" },
        {
            digest: "restore",
            inputs: [link(0), link(1)],
            layers: [{ layer: 1, createdAt: restoredAt }],
        },
    ];
    push("dev", { layers, records }, { "sha256:base": 10, "sha256:restored": bytes });
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
    const save = pushSave("save", 1_000_000);
    pushCache();
    assert.deepEqual(await run(), ["saved"]);
    assert.equal(resultOf("empty"), save);
    assert.equal(resultOf("restore"), undefined);
    const written = puts().length;
    assert.deepEqual(await run(), ["saved"]);
    assert.equal(puts().length, written, "nothing changed");
    pushCache();
    assert.deepEqual(await run(), ["saved"]);
    assert.equal(resultOf("empty"), save);
});

test("drops the kept saves before a build that trusts no cache", async () => {
    const poisoned = pushSave("poisoned", 1_000_000);
    pushCache();
    assert.deepEqual(await run(), ["saved"]);
    assert.equal(resultOf("empty"), poisoned);
    await drop();
    const small = pushSave("small", 20_000);
    pushCache();
    assert.deepEqual(await run(1, { fallbacks: [] }), ["saved"]);
    assert.equal(resultOf("empty"), small, "much smaller, and still the new one");
    // Nothing to save: the next builder starts with an empty mount.
    await drop();
    pushSave("empty", 100);
    pushCache();
    assert.deepEqual(await run(1, { fallbacks: [] }), ["empty"]);
    assert.equal(resultOf("empty"), undefined);
    pushSave("empty", 100);
    pushCache();
    assert.deepEqual(await run(), ["empty"]);
    assert.equal(resultOf("empty"), undefined);
});

for (const [name, isKept] of [
    ["was kept", true],
    ["no run has kept", false],
] as const) {
    test(`drops a save that ${name}, although the build without a cache writes none`, async () => {
        const poisoned = pushSave("poisoned", 1_000_000);
        pushCache();
        if (isKept) {
            await run();
            assert.equal(keptSave(), poisoned);
        }
        await drop();
        pushCache();
        for (const fallbacks of [[], undefined]) {
            assert.equal(
                await run(1, { fallbacks }),
                "their cache has 0 of 1 saves where BuildKit 0.31 has them",
            );
            assert.equal(keptSave(), undefined);
            assert.notEqual(resultOf("empty"), poisoned);
        }
    });
}

test("keeps the last good save when a save is empty, refused or much smaller", async () => {
    const good = pushSave("good", 1_000_000);
    pushCache();
    await run();
    for (const [size, outcome] of [
        [400, "empty"],
        [4500, "noTar"],
        [8600, "tooLarge"],
        [12_800, "changing"],
        [100_000, "shrunk"],
    ] as const) {
        pushSave(outcome, size);
        pushCache();
        assert.deepEqual(await run(), [outcome]);
        assert.equal(resultOf("empty"), good);
        assert.equal(resultOf("restore"), undefined);
    }
});

test("keeps the last good saves and warns when the saves of a build are not where they are expected", async () => {
    const good = pushSave("good", 1_000_000);
    await run();
    const before = open().read(repository, "manifests/dev__0-mounts");
    pushSave("new", 2_000_000);
    pushCache();
    assert.equal(await run(2), "their cache has 1 of 2 saves where BuildKit 0.31 has them");
    const records = [{ digest: "other" }];
    push("dev__0-save", { layers: [], records }, {});
    pushCache();
    assert.equal(await run(1), "their cache has 0 of 1 saves where BuildKit 0.31 has them");
    assert.equal(open().read(repository, "manifests/dev__0-mounts"), before);
    assert.equal(resultOf("empty"), good);
    assert.equal(resultOf("restore"), undefined);
});

/** Pushes the kept save of another scope. Returns its layer. */
function pushKept(scope: string, record = "empty", to = repository): string {
    const blob = open().blob(to, `save of ${scope}`);
    const records = [{ digest: record, layers: [{ layer: 0, createdAt }] }];
    const config = { layers: [{ blob, parent: -1 }], records };
    push(`${scope}__0-mounts`, config, { [blob]: 1_000_000 }, to);
    return blob;
}

test("keeps the save of the nearest fallback while the scope has none, without a new layer", async () => {
    pushKept("main");
    pushSave("none", 400);
    pushCache();
    pushKept("next", "the record of another mount");
    assert.deepEqual(await run(), ["empty"]);
    assert.equal(resultOf("empty"), pushKept("main"));
    const next = pushKept("next");
    pushCache();
    assert.deepEqual(await run(), ["empty"]);
    assert.equal(resultOf("empty"), pushKept("main"), "the scope has a save now");
    const own = pushSave("own", 500_000);
    pushCache();
    assert.deepEqual(await run(), ["saved"]);
    assert.equal(resultOf("empty"), own);
    assert.notEqual(own, next);
});

test("has the registry link the save of a fallback in another repository", async () => {
    const other = "main/fm/cache";
    const blob = pushKept("main", "empty", other);
    pushSave("none", 400);
    pushCache();
    assert.deepEqual(await run(1, { fallbacks: [`${open().host}/${other}:main__0-mounts`] }), [
        "empty",
    ]);
    assert.equal(resultOf("empty"), blob);
    assert.equal(open().read(repository, `blobs/${blob}`), "save of main");
});

test("keeps no save of a fallback in place of one that failed", async () => {
    pushKept("main");
    pushSave("large", 8600);
    pushCache();
    assert.deepEqual(await run(), ["tooLarge"]);
    assert.equal(resultOf("empty"), undefined);
});

test("replaces a save by the second much smaller one in a row", async () => {
    const size = 20_000;
    const big = pushSave("big", 1_000_000);
    await run();
    pushSave("first", size);
    assert.deepEqual(await run(), ["shrunk"]);
    pushCache();
    assert.deepEqual(await run(), ["shrunk"], "the steps that save are cached");
    assert.equal(resultOf("empty"), big);
    pushSave("empty", 400);
    assert.deepEqual(await run(), ["empty"]);
    const second = pushSave("second", size);
    pushCache();
    assert.deepEqual(await run(), ["saved"]);
    assert.equal(resultOf("empty"), second);
});

test("forgets a much smaller save after a good one", async () => {
    pushSave("big", 1_000_000);
    await run();
    pushSave("small", 20_000);
    await run();
    pushSave("bigger", 2_000_000);
    assert.deepEqual(await run(), ["saved"]);
    pushSave("small again", 20_000);
    assert.deepEqual(await run(), ["shrunk"]);
});

test("replaces a save that could not be restored with one of any size, and reports it once", async () => {
    pushSave("useless", 1_000_000);
    pushCache();
    await run();
    const small = pushSave("small", 20_000);
    pushCache({ bytes: 4500 });
    assert.deepEqual(await run(), ["saved, damaged"]);
    assert.equal(resultOf("empty"), small);
    pushCache({ bytes: 8600 });
    assert.deepEqual(await run(), ["saved, foreign"]);
    // On the same builder the step is cached: its result is older than the save.
    pushCache({ bytes: 8600, restoredAt: "2026-01-02T03:00:00Z" });
    assert.deepEqual(await run(), ["saved"]);
});

test("removes the empty result of a build without any save, so that another scope's save is used", async () => {
    pushSave("none", 400);
    pushCache();
    assert.deepEqual(await run(), ["empty"]);
    assert.equal(resultOf("empty"), undefined);
});

test("replaces damaged earlier saves", async () => {
    const digest = open().blob(repository, "{ damaged");
    open().manifest(repository, "dev__0-mounts", { config: { mediaType: configType, digest } });
    const save = pushSave("save", 1_000_000);
    pushCache();
    assert.deepEqual(await run(), ["saved"]);
    assert.equal(resultOf("empty"), save);
});

test("replaces earlier saves whose digest is none", async () => {
    open().manifest(repository, "dev__0-mounts", {
        config: { mediaType: configType, digest: "sha256:short" },
    });
    const save = pushSave("save", 1_000_000);
    pushCache();
    assert.deepEqual(await run(), ["saved"]);
    assert.equal(resultOf("empty"), save);
});

test("reports why it keeps nothing", async () => {
    assert.equal(await run(), "the build wrote no save");
    pushSave("save", 1_000_000);
    pushCache();
    broken = "dev__0-mounts";
    assert.equal(await run(), "the registry answered 500: no disk");
    assert.equal(resultOf("restore"), "sha256:restored", "the cache is as it was");
});

test("the next run attaches the saves that an interrupted run did not", async () => {
    const save = pushSave("save", 1_000_000);
    pushCache();
    await run();
    pushCache();
    assert.deepEqual(await gather(), { from: [] });
    assert.equal(resultOf("empty"), save);
    assert.equal(resultOf("restore"), undefined);
    const written = puts().length;
    await gather();
    assert.equal(puts().length, written, "nothing changed");
});

test("detaches a save that the registry has lost, and the next save replaces it", async () => {
    lost = pushSave("lost", 1_000_000);
    pushCache();
    await run();
    assert.deepEqual(await gather(), { from: [] });
    assert.equal(resultOf("empty"), undefined);
    const small = pushSave("small", 20_000);
    pushCache();
    assert.deepEqual(await run(), ["saved, missing"]);
    assert.equal(resultOf("empty"), small);
});

/** The layer of the kept save. */
function keptSave(): unknown {
    const { layers } = JSON.parse(open().read(repository, "manifests/dev__0-mounts") ?? "null");
    return layers[0]?.digest;
}

// Of a refusal, a temporary fault and a cut answer: the others take the same ways.
for (const name of ["403", "503", "truncated"]) {
    test(`loses no kept save when any one request meets this fault, and attaches the new save in the next run: ${name}`, async () => {
        const act = brokenAnswers[name];
        assert.ok(act);
        const prepare = async () => {
            const old = pushSave("old", 1_000_000);
            pushCache();
            await run();
            const save = pushSave("new", 1_100_000);
            pushCache();
            open().requests.splice(0);
            return { old, save };
        };
        await prepare();
        assert.deepEqual(await run(), ["saved"]);
        const requests = open().requests.length;
        assert.ok(requests > 8, String(requests));
        for (let at = 0; at < requests; at++) {
            const { old, save } = await prepare();
            assert.equal(keptSave(), old);
            const armed = { left: at, act };
            fault = armed;
            await run();
            assert.ok(armed.left < 0, `request ${at} was not reached`);
            fault = undefined;
            assert.ok([old, save].includes(String(keptSave())), `request ${at}`);
            assert.ok(
                [undefined, old, save].includes(resultOf("empty") as string),
                `request ${at}`,
            );
            pushCache();
            assert.deepEqual(await run(), ["saved"], `request ${at}`);
            assert.equal(resultOf("empty"), save, `request ${at}`);
        }
    });
}
