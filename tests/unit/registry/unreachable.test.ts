import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { inspectCacheSources } from "../../../src/registry/inspect";
import type { RegistryOptions } from "../../../src/registry/registries";
import { ensureCertificates } from "../../../tools/sandbox/certificates";
import {
    inlineConfig,
    pushImage,
    startTinyRegistry,
    type TinyRegistryOptions,
} from "./tinyRegistry";

let folder: string;
let caFile: string;
let tls: { readonly cert: string; readonly key: string };
const open = { projects: { open: "public" } } as const;
const noLogin = () => undefined;

before(async () => {
    folder = await mkdtemp(join(tmpdir(), "registry-trust-"));
    const made = await ensureCertificates(folder);
    caFile = made.caFile;
    const cert = await readFile(made.certificateFile, "utf8");
    tls = { cert, key: await readFile(made.keyFile, "utf8") };
});
after(() => rm(folder, { recursive: true, force: true }));

/** State of one source of a registry that behaves so, and the requests that were made. */
async function inspectAt(
    server: TinyRegistryOptions,
    options: RegistryOptions & { readonly knownUrl?: boolean } = {},
) {
    const registry = await startTinyRegistry({ ...open, ...server });
    try {
        pushImage(registry, "open/fm", "main", { inlineCache: true });
        const { knownUrl = true, ...rest } = options;
        const url = knownUrl ? { url: registry.url } : {};
        const [state] = await inspectCacheSources([`${registry.host}/open/fm:main`], noLogin, {
            ...url,
            ...rest,
        });
        assert.ok(state);
        const reason = state.reason?.replaceAll(registry.host, "HOST");
        return { status: state.status, reason, requests: registry.requests };
    } finally {
        await registry.close();
    }
}

test("reports a port where nothing listens as unreachable", async () => {
    const [state] = await inspectCacheSources(["127.0.0.1:9/open/fm:main"], noLogin);
    assert.equal(state?.status, "unreachable");
    assert.equal(
        state?.reason,
        "the registry at https://127.0.0.1:9 cannot be reached: nothing listens there; is the port right and the server up? (ECONNREFUSED)",
    );
    const [harbor] = await inspectCacheSources(["127.0.0.1:9/open/fm:main"], noLogin, {
        url: "http://127.0.0.1:9",
    });
    assert.match(harbor?.reason ?? "", /^Harbor at http:\/\/127\.0\.0\.1:9 cannot be reached: /);
});

test("gives up on a registry that does not answer within the time for all sources", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => silent.once("listening", resolve));
    const address = silent.address();
    assert.ok(address !== null && typeof address === "object");
    const sources = ["a", "b", "c"].map((tag) => `127.0.0.1:${address.port}/open/fm:${tag}`);
    const started = Date.now();
    const url = `http://127.0.0.1:${address.port}`;
    const states = await inspectCacheSources(sources, noLogin, { url, timeoutMs: 300 });
    const took = Date.now() - started;
    assert.deepEqual(
        states.map(({ status, reason }) => [status, reason]),
        sources.map(() => ["unreachable", "the registry did not answer within 0.3 s"]),
    );
    assert.ok(took < 10_000, `took ${took} ms`);
    silent.close();
});

test("reports the answer of a broken registry or proxy with its status", async () => {
    const found = await inspectAt({
        before: (_, response) => {
            response.writeHead(503, { "retry-after": "1" });
            response.end("<html><body><h1>503 Service Unavailable</h1></body></html>");
            return true;
        },
    });
    assert.equal(found.status, "unreachable");
    assert.match(found.reason ?? "", /^the registry answered 503: .*503 Service Unavailable/);
});

test("reports a certificate of an unknown authority with what to do", async () => {
    const found = await inspectAt({ tls }, { env: {} });
    assert.equal(found.status, "unreachable");
    assert.match(found.reason ?? "", /is not trusted.*Fix: set SSL_CERT_FILE to a PEM file/);
});

test("trusts an authority of SSL_CERT_FILE or NODE_EXTRA_CA_CERTS", async () => {
    for (const name of ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"]) {
        const env = { [name]: caFile };
        assert.equal((await inspectAt({ tls }, { env })).status, "there", name);
    }
});

test("accepts any certificate of Harbor without verification, but not of other registries", async () => {
    const options = { env: {}, verifyTls: false };
    assert.equal((await inspectAt({ tls }, options)).status, "there");
    const other = await inspectAt({ tls }, { ...options, knownUrl: false });
    assert.equal(other.status, "unreachable");
    assert.match(other.reason ?? "", /is not trusted/);
});

test("asks a loopback registry of unknown scheme over plain HTTP when it does not speak TLS", async () => {
    assert.equal((await inspectAt({}, { knownUrl: false })).status, "there");
});

test("does not send a login to a token service that speaks plain HTTP", async () => {
    const registry = await startTinyRegistry({
        ...open,
        tls,
        before: (request, response) => {
            const realm = `http://${request.headers.host}/service/token`;
            const challenge = `Bearer realm="${realm}",service="harbor-registry"`;
            response.writeHead(401, { "www-authenticate": challenge }).end();
            return true;
        },
    });
    const [state] = await inspectCacheSources(
        [`${registry.host}/open/fm:main`],
        () => ({ username: "ci", password: "S3cret" }),
        { url: registry.url, env: { SSL_CERT_FILE: caFile } },
    );
    await registry.close();
    assert.equal(state?.status, "unreachable");
    assert.match(state?.reason ?? "", /the password would travel unencrypted/);
    assert.deepEqual(registry.requests, ["GET /v2/open/fm/manifests/main"]);
});

for (const status of [301, 302, 303, 307, 308]) {
    test(`follows a redirect with ${status} to a blob on another host without the registry's token`, async () => {
        const seen: (string | undefined)[] = [];
        const storage = await startTinyRegistry({
            before: (request, response) => {
                seen.push(request.headers.authorization);
                response.end(inlineConfig("main"));
                return true;
            },
        });
        const location = `${storage.url}/bucket/blob?signature=1`;
        const found = await inspectAt({
            before: (request, response) => {
                const blob = request.url?.includes("/blobs/") === true;
                if (blob) response.writeHead(status, { location }).end();
                return blob;
            },
        });
        await storage.close();
        assert.equal(found.status, "there");
        assert.deepEqual(storage.requests, ["GET /bucket/blob?signature=1"]);
        assert.deepEqual(seen, [undefined]);
    });
}

test("does not conclude from an unreadable config that there is no cache", async () => {
    const found = await inspectAt({
        before: (request, response) => {
            const blob = request.url?.includes("/blobs/") === true;
            if (blob) {
                response.writeHead(500).end();
            }
            return blob;
        },
    });
    assert.equal(found.status, "there");
});
