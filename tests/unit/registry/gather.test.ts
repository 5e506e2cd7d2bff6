import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { after, beforeEach, test } from "node:test";
import { gatherCaches } from "../../../src/registry/gather";
import { answerNoDisk, brokenAnswers, startTinyRegistry, type TinyRegistry } from "./tinyRegistry";

const repository = "shop/fm/cache";
const createdAt = "2026-01-02T03:04:05Z";
const robot = { username: "robot$shop+ci", password: "right-secret" };
const reader = { username: "robot$shop+reader", password: "another-secret" };
const layerType = "application/vnd.oci.image.layer.v1.tar+gzip";
const configType = "application/vnd.buildkit.cacheconfig.v0";
let registry: TinyRegistry | undefined;
/** Path of requests that fail in the registry. @default none */
let broken: string | undefined;
/** Number of requests until one fails, and how. @default none */
let fault: { left: number; readonly act: (response: ServerResponse) => void } | undefined;

beforeEach(() => start());

async function start({ refusesMounts = false } = {}): Promise<void> {
    await registry?.close();
    broken = fault = undefined;
    registry = await startTinyRegistry({
        refusesMounts,
        before: ({ url }, response) => {
            if (fault !== undefined && fault.left-- === 0) {
                fault.act(response);
                return true;
            }
            const breaks = broken !== undefined && url === `/v2/${repository}/${broken}`;
            if (breaks) {
                answerNoDisk(response);
            }
            return breaks;
        },
        projects: { shop: "private", main: "private" },
        accounts: {
            [robot.username]: {
                password: robot.password,
                rights: { shop: ["pull", "push"], main: ["pull"] },
            },
            [reader.username]: { password: reader.password, rights: { shop: ["pull"] } },
        },
    });
}
after(() => registry?.close());

function open(): TinyRegistry {
    assert.ok(registry);
    return registry;
}

function gather(from: readonly string[], account = robot) {
    const { host, url } = open();
    const reference = (tag: string) => `${host}/${repository}:${tag}`;
    const gathering = { into: reference("dev"), from: from.map(reference) };
    return gatherCaches(gathering, () => account, { url }).then((gathered) =>
        "from" in gathered
            ? gathered.from.map((one) => one.slice(reference("").length))
            : gathered.reason.replaceAll(host, "HOST"),
    );
}

/** An image of two layers, which carries its cache inline. */
function pushInline(tag: string, step: string): void {
    const records = [
        { digest: "from" },
        { digest: step, inputs: [[{ link: 0 }]], layers: [{ layer: 1, createdAt }] },
    ];
    const config = open().blob(
        repository,
        JSON.stringify({
            rootfs: { type: "layers", diff_ids: ["sha256:bare0", `sha256:bare-${step}`] },
            history: [{ created: "t0" }, { created: "-", empty_layer: true }, { created: "t1" }],
            "moby.buildkit.cache.v0": Buffer.from(JSON.stringify(records)).toString("base64"),
        }),
    );
    open().manifest(repository, tag, {
        config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: config },
        layers: [
            { mediaType: layerType, digest: "sha256:base", size: 10 },
            { mediaType: layerType, digest: `sha256:${step}`, size: 20 },
        ],
    });
}

function pushManifest(tag: string, step: string, selector?: string): void {
    const config = {
        layers: [
            { blob: `sha256:${step}`, parent: 1 },
            { blob: "sha256:base", parent: -1 },
        ],
        records: [
            { digest: step, inputs: [[{ link: 1, selector }]], layers: [{ layer: 0, createdAt }] },
            { digest: "from" },
        ],
    };
    const digest = open().blob(repository, JSON.stringify(config));
    open().manifest(repository, tag, {
        config: { mediaType: configType, digest },
        layers: [
            { mediaType: layerType, digest: `sha256:${step}`, size: 20 },
            { mediaType: layerType, digest: "sha256:base", size: 10 },
        ],
    });
}

function written(): { readonly layers: unknown; readonly config: unknown } {
    const manifest = JSON.parse(open().read(repository, "manifests/dev") ?? "null");
    assert.equal(manifest.config.mediaType, configType);
    const config = open().read(repository, `blobs/${manifest.config.digest}`) ?? "";
    assert.equal(manifest.config.size, config.length);
    return { layers: manifest.layers, config: JSON.parse(config) };
}

const puts = () => open().requests.filter((request) => request.startsWith("PUT"));

test("makes a cache manifest of an inline cache, with the facts about its layers that BuildKit needs", async () => {
    pushInline("main__build", "compile");
    assert.deepEqual(await gather(["main__build"]), ["main__build"]);
    const annotated = (digest: string, size: number, bare: string, created: string) => ({
        mediaType: layerType,
        digest,
        size,
        annotations: { "containerd.io/uncompressed": bare, "buildkit/createdat": created },
    });
    assert.deepEqual(written(), {
        layers: [
            annotated("sha256:base", 10, "sha256:bare0", "t0"),
            annotated("sha256:compile", 20, "sha256:bare-compile", "t1"),
        ],
        config: {
            layers: [
                { blob: "sha256:base", parent: -1 },
                { blob: "sha256:compile", parent: 0 },
            ],
            records: [
                { digest: "from" },
                {
                    digest: "compile",
                    inputs: [[{ link: 0 }]],
                    layers: [{ layer: 1, createdAt }],
                },
            ],
        },
    });
});

test("keeps what the stack's cache has and adds what others have", async () => {
    pushManifest("dev", "mine");
    pushInline("dev__build", "mine");
    pushManifest("main", "theirs");
    assert.deepEqual(await gather(["dev__build", "main"]), ["main"]);
    const { config } = written();
    assert.deepEqual(
        (config as { records: { digest: string }[] }).records.map(({ digest }) => digest),
        ["from", "mine", "theirs"],
    );
});

test("does not write a stack's cache that already has everything", async () => {
    pushManifest("dev", "mine");
    pushInline("dev__build", "mine");
    assert.deepEqual(await gather(["dev__build"]), []);
    assert.deepEqual(puts(), []);
});

test("skips sources that are missing, have no cache or are invalid", async () => {
    open().manifest(repository, "plain", { config: { digest: "sha256:gone" }, layers: [] });
    const looping = { layers: [], records: [{ digest: "a", inputs: [[{ link: 0 }]] }] };
    const digest = open().blob(repository, JSON.stringify(looping));
    open().manifest(repository, "looping", { config: { mediaType: configType, digest } });
    pushInline("main__build", "compile");
    assert.deepEqual(await gather(["missing", "plain", "looping", "main__build"]), ["main__build"]);
});

test("reports the missing right of an account that may not push, and writes nothing", async () => {
    pushInline("main__build", "compile");
    assert.match(
        String(await gather(["main__build"], reader)),
        /^the registry answered 401: unauthorized to access repository: shop\/fm\/cache, action: push/,
    );
    assert.equal(open().read(repository, "manifests/dev"), undefined);
});

test("writes nothing over a stack's cache that it cannot read", async () => {
    pushManifest("dev", "mine");
    pushManifest("main", "theirs");
    broken = "manifests/dev";
    assert.equal(await gather(["main"]), "the registry answered 500: no disk");
    assert.deepEqual(puts(), []);
});

test("skips another cache that it cannot read", async () => {
    pushManifest("main", "theirs");
    pushManifest("prod", "older");
    broken = "manifests/main";
    assert.deepEqual(await gather(["main", "prod"]), ["prod"]);
});

/** Pushes main's cache, in another repository. Returns its layer. */
function pushMain(): string {
    const main = "main/fm/cache";
    const layer = open().blob(main, "theirs");
    const config = {
        layers: [{ blob: layer, parent: -1 }],
        records: [{ digest: "theirs", layers: [{ layer: 0, createdAt }] }],
    };
    const digest = open().blob(main, JSON.stringify(config));
    open().manifest(main, "main", {
        config: { mediaType: configType, digest },
        layers: [{ mediaType: layerType, digest: layer, size: 6 }],
    });
    return layer;
}

function gatherMain() {
    const { host, url } = open();
    const gathering = {
        into: `${host}/${repository}:dev`,
        from: [`${host}/${repository}:dev__build`, `${host}/main/fm/cache:main`],
    };
    return gatherCaches(gathering, () => robot, { url });
}

const uploads = () => open().requests.filter((request) => request.startsWith("POST"));

test("has the registry link the layers of another repository, and only those", async () => {
    pushManifest("dev", "mine");
    pushInline("dev__build", "compile");
    const layer = pushMain();
    const gathered = await gatherMain();
    assert.ok("from" in gathered);
    assert.equal(gathered.from.length, 2);
    const query = `mount=${encodeURIComponent(layer)}&from=main%2Ffm%2Fcache`;
    assert.deepEqual(uploads(), [
        `POST /v2/${repository}/blobs/uploads/?${query}`,
        `POST /v2/${repository}/blobs/uploads/`,
    ]);
    assert.equal(open().read(repository, `blobs/${layer}`), "theirs");
    const scopes = open().requests.filter((request) => request.includes("/service/token"));
    const scope = encodeURIComponent(`repository:main/fm/cache:pull`);
    assert.ok(
        scopes.some((request) => request.endsWith(`push&scope=${scope}`)),
        scopes.join(),
    );
});

test("uploads the layers of another repository that the registry does not link", async () => {
    await start({ refusesMounts: true });
    const layer = pushMain();
    const gathered = await gatherMain();
    assert.deepEqual("from" in gathered && gathered.from.length, 1);
    assert.equal(open().read(repository, `blobs/${layer}`), "theirs");
    assert.deepEqual((written().layers as { digest: string }[])[0]?.digest, layer);
});

test("writes no cache whose layers it can neither link nor upload", async () => {
    await start({ refusesMounts: true });
    broken = `blobs/uploads/`;
    pushMain();
    assert.deepEqual(await gatherMain(), { reason: "the registry answered 500: no disk" });
    assert.equal(open().read(repository, "manifests/dev"), undefined);
});
/** The steps of the stack's cache. */
function steps(): readonly string[] {
    const { config } = JSON.parse(open().read(repository, "manifests/dev") ?? "null");
    const { records } = JSON.parse(open().read(repository, `blobs/${config.digest}`) ?? "null");
    const digests = (records as { digest: string }[]).map(({ digest }) => digest);
    return digests.filter((digest) => digest !== "from").sort();
}

/** Gathers into a new cache of the stack, with the fault at one request. */
async function gatherWith(at: number, act: (response: ServerResponse) => void) {
    pushManifest("dev", "own");
    pushManifest("main", "other");
    open().requests.splice(0);
    fault = at < 0 ? undefined : { left: at, act };
    const gathered = await gather(["main"]);
    const isReached = (fault?.left ?? 0) < 0;
    fault = undefined;
    return { gathered, isReached, requests: open().requests.length };
}

for (const [name, act] of Object.entries(brokenAnswers)) {
    test(`keeps the stack's cache when any one request meets this fault, and completes in the next run: ${name}`, async () => {
        const { requests, gathered } = await gatherWith(-1, act);
        assert.deepEqual(gathered, ["main"]);
        assert.ok(requests > 8, String(requests));
        for (let at = 0; at < requests; at++) {
            const { isReached } = await gatherWith(at, act);
            assert.ok(isReached, `request ${at}`);
            assert.ok(steps().includes("own"), `request ${at}`);
            await gather(["main"]);
            assert.deepEqual(steps(), ["other", "own"], `request ${at}`);
        }
    });
}

test("keeps the parts of an input that a step uses", async () => {
    pushManifest("main", "copy", "sha256:path");
    assert.deepEqual(await gather(["main"]), ["main"]);
    const { records } = written().config as { records: readonly { inputs?: unknown }[] };
    assert.deepEqual(
        records.flatMap(({ inputs }) => inputs ?? []),
        [[{ link: 0, selector: "sha256:path" }]],
    );
});
