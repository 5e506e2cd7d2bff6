import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import { CacheSourceStatus } from "../../../src/registry/cacheSource";
import type { CacheTrust } from "../../../src/registry/cacheTrust";
import { gatherCaches } from "../../../src/registry/gather";
import { inspectCacheSources } from "../../../src/registry/inspect";
import { locate } from "../../../src/registry/location";
import { indexType } from "../../../src/registry/manifest";
import { keepMounts } from "../../../src/registry/mountSaves";
import { Registries } from "../../../src/registry/registries";
import { attachStatement } from "../../../src/registry/signatures";
import { signCacheAt, trustedReferences } from "../../../src/registry/signedCaches";
import { bundleType } from "../../../src/signing/bundle";
import { readSigningKey } from "../../../src/signing/key";
import { newKey } from "../../support/signingKeys";
import { answerNoDisk, startTinyRegistry, type TinyRegistry } from "./tinyRegistry";

const repository = "shop/fm/cache";
const createdAt = "2026-01-02T03:04:05Z";
const account = { username: "robot$shop+ci", password: "right-secret" };
const layerType = "application/vnd.oci.image.layer.v1.tar+zstd";
const configType = "application/vnd.buildkit.cacheconfig.v0";
const own = newKey("p256");
const foreign = newKey("p256");

function trustOf({ key, publicKey }: typeof own): CacheTrust {
    const signer = readSigningKey(key, undefined);
    assert.ok("sign" in signer);
    return { publicKeys: [publicKey], signer: async () => signer };
}

let registry: TinyRegistry | undefined;
/** What the path of requests that fail in the registry ends with. @default none */
let broken: string | undefined;
beforeEach(async () => {
    await registry?.close();
    broken = undefined;
    registry = await startTinyRegistry({
        before: ({ url = "" }, response) => {
            const breaks = broken !== undefined && url.endsWith(broken);
            if (breaks) answerNoDisk(response);
            return breaks;
        },
        projects: { shop: "private", main: "private" },
        accounts: {
            [account.username]: {
                password: account.password,
                rights: { shop: ["pull", "push"], main: ["pull", "push"] },
            },
        },
    });
});
after(() => registry?.close());

function open(): TinyRegistry {
    assert.ok(registry);
    return registry;
}

const referenceTo = (tag: string, to = repository) => `${open().host}/${to}:${tag}`;
const optionsOf = (trust: CacheTrust) => ({ url: open().url, trust });
const login = () => account;

/** Pushes a cache whose step has a layer. Returns the digest of its manifest. */
function push(tag: string, step: string, to = repository): string {
    const blob = open().blob(to, step);
    const config = {
        layers: [{ blob, parent: -1 }],
        records: [
            { digest: "from" },
            { digest: step, inputs: [[{ link: 0 }]], layers: [{ layer: 0, createdAt }] },
        ],
    };
    const digest = open().blob(to, JSON.stringify(config));
    const layers = [{ mediaType: layerType, digest: blob, size: 20 }];
    return open().manifest(to, tag, { config: { mediaType: configType, digest }, layers });
}

async function sign(reference: string, digest: string, keys = own): Promise<void> {
    const registries = new Registries(login, optionsOf(trustOf(keys)));
    await signCacheAt(registries, reference, digest);
    registries.close();
}

const found = (tags: readonly string[], trust = trustOf(own)) =>
    trustedReferences(
        tags.map((tag) => referenceTo(tag)),
        login,
        optionsOf(trust),
    );

test("finds a signed cache by the digest that was verified", async () => {
    const digest = push("main", "compile");
    await sign(referenceTo("main"), digest);
    assert.deepEqual(await found(["main", "missing"]), [`${referenceTo("main")}@${digest}`]);
});

test("does not find a cache that nobody, or another key, has signed", async () => {
    push("unsigned", "compile");
    await sign(referenceTo("foreign"), push("foreign", "compile"), foreign);
    assert.deepEqual(await found(["unsigned", "foreign"]), []);
    const both = { publicKeys: [own.publicKey, foreign.publicKey] };
    assert.equal((await found(["unsigned", "foreign"], both)).length, 1);
});

test("does not find a cache whose tag moved to another manifest after it was signed", async () => {
    await sign(referenceTo("main"), push("main", "compile"));
    push("main", "poison");
    assert.deepEqual(await found(["main"]), []);
});

test("does not find the signed cache of another scope, image or project under this name", async () => {
    await sign(referenceTo("feature"), push("feature", "poison"));
    push("main", "poison");
    const image = "shop/other/cache";
    await sign(referenceTo("other", image), push("other", "of another image", image));
    push("other", "of another image");
    assert.deepEqual(await found(["main", "other"]), []);
    assert.equal((await found(["feature"])).length, 1);
});

test("takes only statements of the type of caches", async () => {
    const reference = referenceTo("main");
    const digest = push("main", "compile");
    const { signer } = trustOf(own);
    assert.ok(signer);
    const registries = new Registries(login, optionsOf(trustOf(own)));
    const attach = async (predicateType: string) =>
        registries.ask(locate(reference), async (session) => {
            const statement = { digest, predicateType, predicate: { reference } };
            await attachStatement(session, repository, statement, await signer());
        });
    await attach("urn:harbor-build:other:v1");
    assert.deepEqual(await found(["main"]), []);
    await attach("urn:harbor-build:cache:v1");
    assert.equal((await found(["main"])).length, 1);
    registries.close();
});

test("finds an older cache that was signed under the same name", async () => {
    const older = push("main", "older");
    await sign(referenceTo("main"), older);
    await sign(referenceTo("main"), push("main", "newer"));
    push("main", "older");
    assert.deepEqual(await found(["main"]), [`${referenceTo("main")}@${older}`]);
});

test("does not sign a cache twice, and signs nothing without a private key", async () => {
    const digest = push("main", "compile");
    await sign(referenceTo("main"), digest);
    const puts = () => open().requests.filter((request) => request.startsWith("PUT")).length;
    const before = puts();
    await sign(referenceTo("main"), digest);
    const registries = new Registries(login, optionsOf({ publicKeys: [own.publicKey] }));
    await signCacheAt(registries, referenceTo("dev"), push("dev", "compile"));
    registries.close();
    assert.equal(puts(), before);
});

test("reports what nobody has signed, and nothing else, as not trusted", async () => {
    push("unsigned", "compile");
    await sign(referenceTo("main"), push("main", "compile"));
    const references = ["main", "unsigned", "missing"].map((tag) => referenceTo(tag));
    const states = await inspectCacheSources(references, login, optionsOf(trustOf(own)));
    assert.deepEqual(
        states.map(({ status }) => status),
        [CacheSourceStatus.There, CacheSourceStatus.Untrusted, CacheSourceStatus.Missing],
    );
});

/** Attaches bundles without content, as everybody who may push can, before and after the others. */
function attachJunk(digest: string, { before = 0, after = 1 } = {}): string {
    const junk = open().manifest(repository, "junk", { artifactType: bundleType, layers: [] });
    const tag = digest.replace(":", "-");
    const index = JSON.parse(open().read(repository, `manifests/${tag}`) ?? '{"manifests":[]}');
    const bundles = (count: number) =>
        Array.from({ length: count }, () => ({ digest: junk, artifactType: bundleType }));
    const manifests = [...bundles(before), ...index.manifests, ...bundles(after)];
    open().manifest(repository, tag, { ...index, manifests }, indexType);
    return junk;
}

test("does not call a cache untrusted when the registry fails to serve a bundle", async () => {
    broken = attachJunk(push("main", "compile"));
    const [state] = await inspectCacheSources(
        [referenceTo("main")],
        login,
        optionsOf(trustOf(own)),
    );
    assert.equal(state?.status, CacheSourceStatus.Unreachable);
    assert.match(state?.reason ?? "", /no disk/);
});

test("reads all of 100 bundles, and of more bundles the first 50 and the last 50", async () => {
    for (const [before, after, count] of [
        [50, 49, 1],
        [49, 51, 1],
        [50, 50, 0],
        [51, 49, 1],
    ] as const) {
        const tag = `main-${before}-${after}`;
        const digest = push(tag, tag);
        await sign(referenceTo(tag), digest);
        attachJunk(digest, { before, after });
        assert.equal((await found([tag])).length, count, tag);
    }
});

test("a bundle without content hides neither that a cache is not trusted nor the signature of a second key", async () => {
    const signed = push("main", "compile");
    await sign(referenceTo("main"), signed, foreign);
    attachJunk(signed);
    attachJunk(push("dev", "poison"));
    const trust = { ...trustOf(own), publicKeys: [own.publicKey, foreign.publicKey] };
    assert.equal((await found(["main"], trust)).length, 1);
    const [state] = await inspectCacheSources([referenceTo("dev")], login, optionsOf(trust));
    assert.equal(state?.status, CacheSourceStatus.Untrusted);
    await gatherCaches(
        { into: referenceTo("dev"), from: [referenceTo("main")] },
        login,
        optionsOf(trust),
    );
    assert.equal((await found(["dev"])).length, 1);
    assert.doesNotMatch(recordsOf("dev"), /poison/);
});

test("gathers only signed caches, and signs the result", async () => {
    await sign(referenceTo("main"), push("main", "compile"));
    push("poisoned", "poison");
    const gathered = await gatherCaches(
        { into: referenceTo("dev"), from: ["poisoned", "main"].map((tag) => referenceTo(tag)) },
        login,
        optionsOf(trustOf(own)),
    );
    assert.deepEqual(gathered, { from: [referenceTo("main")] });
    assert.equal((await found(["dev"])).length, 1);
    assert.doesNotMatch(recordsOf("dev"), /poison/);
});

test("replaces a stack's cache that somebody else has written, instead of adding to it", async () => {
    push("dev", "poison");
    await sign(referenceTo("main"), push("main", "compile"));
    await gatherCaches(
        { into: referenceTo("dev"), from: [referenceTo("main")] },
        login,
        optionsOf(trustOf(own)),
    );
    assert.equal((await found(["dev"])).length, 1);
    assert.doesNotMatch(recordsOf("dev"), /poison/);
});

test("replaces an unsigned cache over which content trust lets no build push, with an empty one", async () => {
    const unsigned = push("dev", "compile");
    const into = { into: referenceTo("dev"), from: [] };
    const options = optionsOf(trustOf(own));
    await gatherCaches(into, login, options);
    assert.match(recordsOf("dev"), /compile/, "without content trust, the build replaces it");
    await gatherCaches(into, login, { ...options, replaces: true });
    const [found] = await trustedReferences([referenceTo("dev")], login, options);
    assert.notEqual(found?.split("@")[1], unsigned);
    assert.doesNotMatch(recordsOf("dev"), /compile/);
});

/** The records of a cache, as text. */
function recordsOf(tag: string): string {
    const manifest = JSON.parse(open().read(repository, `manifests/${tag}`) ?? "");
    return open().read(repository, `blobs/${manifest.config.digest}`) ?? "";
}

// BuildKit names the root of a mount in links to the key of a step.
const link = (position: number) => [{ link: position, selector: "sha256:root" }];

function pushConfig(
    tag: string,
    layers: readonly { readonly blob: string; readonly parent: number }[],
    records: readonly object[],
    size = 1_000_000,
): string {
    const config = open().blob(repository, JSON.stringify({ layers, records }));
    return open().manifest(repository, tag, {
        config: { mediaType: configType, digest: config },
        layers: layers.map(({ blob }) => ({ mediaType: layerType, digest: blob, size })),
    });
}

/** Pushes what a build that saves a mount writes; returns the digest of the manifest. */
function pushSave(content: string, size?: number): string {
    const blob = open().blob(repository, content);
    return pushConfig(
        "dev__0-save",
        [{ blob, parent: -1 }],
        [
            { digest: "empty" },
            { digest: "base" },
            { digest: "folder", inputs: [link(1)] },
            { digest: "pack", inputs: [link(2), link(0)] },
            { digest: "copy", inputs: [link(3)], layers: [{ layer: 0, createdAt }] },
        ],
        size,
    );
}

/** Pushes kept saves, as the component writes them. */
function pushKept(tag: string, content: string): string {
    const blob = open().blob(repository, content);
    const layers = [{ blob, parent: -1 }];
    return pushConfig(tag, layers, [{ digest: "empty", layers: [{ layer: 0, createdAt }] }]);
}

/** Pushes and signs the stack's cache, as a build writes it. */
async function pushCache(): Promise<void> {
    const base = open().blob(repository, "base");
    const records = [
        { digest: "base" },
        { digest: "empty" },
        { digest: "restore", inputs: [link(0), link(1)], layers: [{ layer: 0, createdAt }] },
    ];
    await sign(referenceTo("dev"), pushConfig("dev", [{ blob: base, parent: -1 }], records));
}

/** Keeps the save with a digest that BuildKit recorded. */
function keepSave(recorded: string) {
    const references = {
        candidate: `${referenceTo("dev__0-save")}@${recorded}`,
        kept: referenceTo("dev__0-mounts"),
        fallbacks: [referenceTo("main__0-mounts")],
        cache: referenceTo("dev"),
    };
    return keepMounts(references, 1, login, optionsOf(trustOf(own)));
}

test("keeps the save that BuildKit recorded, not the one to which its tag has moved", async () => {
    const recorded = pushSave("ours");
    pushSave("poison");
    await pushCache();
    const saves = await keepSave(recorded);
    assert.ok(!("reason" in saves));
    assert.deepEqual(
        saves.map(({ outcome }) => outcome),
        ["saved"],
    );
    const blob = open().blob(repository, "ours");
    assert.equal(recordsOf("dev").includes(blob), true);
    assert.equal(recordsOf("dev").includes(open().blob(repository, "poison")), false);
    assert.equal((await found(["dev", "dev__0-mounts"])).length, 2);
});

test("restores no saved mount that somebody else has written", async () => {
    pushKept("dev__0-mounts", "poison of this scope");
    pushKept("main__0-mounts", "poison of the fallback");
    // The build packed nothing: the mount is like the last save.
    const empty = pushSave("nothing", 100);
    await pushCache();
    await keepSave(empty);
    const poisons = ["poison of this scope", "poison of the fallback"].map((content) =>
        open().blob(repository, content),
    );
    assert.deepEqual(
        poisons.filter((poison) => recordsOf("dev").includes(poison)),
        [],
    );
});
