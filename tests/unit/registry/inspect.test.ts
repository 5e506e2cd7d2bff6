import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inspectCacheSources } from "../../../src/registry/inspect";
import { pushImage, startTinyRegistry, type TinyRegistry } from "./tinyRegistry";

let registry: TinyRegistry;
const robot = { username: "robot$shop+ci", password: "right-secret" };

before(async () => {
    registry = await startTinyRegistry({
        projects: { shop: "private", open: "public", other: "private" },
        accounts: { "robot$shop+ci": { password: robot.password, rights: { shop: ["pull"] } } },
    });
});
after(() => registry.close());

const ask = (references: readonly string[], credentials: typeof robot | undefined = robot) =>
    inspectCacheSources(
        references.map((reference) => `${registry.host}/${reference}`),
        () => credentials,
        { url: registry.url },
    );

const inspectOne = async (reference: string, credentials?: typeof robot) => {
    const [state] = await ask([reference], credentials);
    assert.ok(state);
    const { reference: asked, ...rest } = state;
    assert.equal(asked, `${registry.host}/${reference}`);
    return rest;
};

test("finds an image with an inline cache, with its digest and media type", async () => {
    const digest = pushImage(registry, "shop/fm/cache", "dev__build", { inlineCache: true });
    assert.deepEqual(await inspectOne("shop/fm/cache:dev__build"), {
        status: "there",
        digest,
        mediaType: "application/vnd.oci.image.manifest.v1+json",
    });
});

test("finds an image without a cache", async () => {
    const digest = pushImage(registry, "shop/fm/cache", "plain", { inlineCache: false });
    assert.deepEqual(await inspectOne("shop/fm/cache:plain"), {
        status: "without cache",
        digest,
        mediaType: "application/vnd.oci.image.manifest.v1+json",
        reason: "the image carries no cache; it was not exported with an inline cache",
    });
});

test("finds a registry cache in the form of an image manifest by the media type of its config", async () => {
    registry.manifest("shop/fm/cache", "max", {
        config: { mediaType: "application/vnd.buildkit.cacheconfig.v0", digest: "sha256:0" },
    });
    assert.equal((await inspectOne("shop/fm/cache:max")).status, "there");
});

test("finds a registry cache in the form of an index", async () => {
    const manifests = [
        { mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest: "sha256:1" },
        { mediaType: "application/vnd.buildkit.cacheconfig.v0", digest: "sha256:2" },
    ];
    registry.manifest("shop/fm/cache", "index", { manifests });
    assert.equal((await inspectOne("shop/fm/cache:index")).status, "there");
});

test("finds the cache of an index when one of its images has a cache", async () => {
    const digests = [true, false].map((inlineCache) =>
        pushImage(registry, "shop/fm/cache", `platform-${inlineCache}`, { inlineCache }),
    );
    const index = (...entries: (string | undefined)[]) => ({
        manifests: entries.map((digest) => ({
            mediaType: "application/vnd.oci.image.manifest.v1+json",
            digest,
        })),
    });
    registry.manifest("shop/fm/cache", "both", index(digests[1], digests[0]));
    registry.manifest("shop/fm/cache", "none", index(digests[1]));
    assert.equal((await inspectOne("shop/fm/cache:both")).status, "there");
    assert.equal((await inspectOne("shop/fm/cache:none")).status, "without cache");
});

test("reports a missing tag in the registry's words", async () => {
    assert.deepEqual(await inspectOne("shop/fm/cache:nope"), {
        status: "missing",
        reason: "artifact shop/fm/cache:nope not found",
    });
});

test("reports a missing project, although Harbor answers 401", async () => {
    assert.deepEqual(await inspectOne("shopp/fm/cache:dev"), {
        status: "missing",
        reason: 'project "shopp" does not exist',
        missingProject: "shopp",
    });
});

test("distinguishes a wrong secret from a missing right", async () => {
    assert.deepEqual(await inspectOne("shop/fm/cache:dev", { ...robot, password: "wrong" }), {
        status: "login refused",
        reason: `the login for ${registry.host} is not accepted: its user or secret is wrong, or the account is disabled or has expired`,
    });
    assert.deepEqual(await inspectOne("other/fm/cache:dev"), {
        status: "forbidden",
        reason: `the login for ${registry.host} is good, but the account may not pull from other/fm/cache`,
    });
});

test("reads a public repository without a login, and reports a private one as forbidden", async () => {
    pushImage(registry, "open/fm", "main", { inlineCache: true });
    const states = await inspectCacheSources(
        [`${registry.host}/open/fm:main`, `${registry.host}/shop/fm:main`],
        () => undefined,
        { url: registry.url },
    );
    assert.deepEqual(
        states.map(({ status, reason }) => [status, reason]),
        [
            ["there", undefined],
            ["forbidden", `no login is given for ${registry.host}, and shop/fm is not public`],
        ],
    );
});

test("shares a token for sources of one repository, and returns states in the order of the references", async () => {
    pushImage(registry, "shop/order", "a", { inlineCache: true });
    pushImage(registry, "shop/order", "c", { inlineCache: true });
    const from = registry.requests.length;
    const states = await ask(["shop/order:a", "shop/order:b", "shop/order:c"]);
    assert.deepEqual(
        states.map(({ status }) => status),
        ["there", "missing", "there"],
    );
    const tokens = registry.requests.slice(from).filter((line) => line.includes("/service/token"));
    assert.equal(tokens.length, 1);
});

test("sends the login to a registry with basic authentication", async () => {
    const seen: (string | undefined)[] = [];
    const simple = await startTinyRegistry({
        before: (request, response) => {
            seen.push(request.headers.authorization);
            const granted = request.headers.authorization === "Basic bWU6c2VjcmV0";
            const config = { mediaType: "application/vnd.buildkit.cacheconfig.v0" };
            response.writeHead(granted ? 200 : 401, { "www-authenticate": 'Basic realm="r"' });
            response.end(granted ? JSON.stringify({ config }) : "");
            return true;
        },
    });
    const ask = async (password: string) => {
        const login = { username: "me", password };
        const url = simple.url;
        const [state] = await inspectCacheSources([`${simple.host}/fm:1`], () => login, { url });
        return state?.status;
    };
    assert.deepEqual([await ask("secret"), await ask("wrong")], ["there", "forbidden"]);
    await simple.close();
    assert.deepEqual(seen.slice(0, 2), [undefined, "Basic bWU6c2VjcmV0"]);
});

test("recognises a server that is no registry by its 404 to the protocol's first request", async () => {
    const server = await startTinyRegistry({
        before: (_, response) => {
            response.writeHead(404).end("nothing here");
            return true;
        },
    });
    const [state] = await inspectCacheSources([`${server.host}/shop/fm:1`], () => undefined, {
        url: server.url,
    });
    await server.close();
    assert.deepEqual(state, {
        reference: `${server.host}/shop/fm:1`,
        status: "not in a registry",
        reason: `${server.host} answers 404 to /v2/: no registry is at this address`,
    });
    assert.deepEqual(server.requests, ["GET /v2/shop/fm/manifests/1", "GET /v2/"]);
});
