import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { findCacheGap } from "../../../src/registry/cacheGap";
import { findDigest } from "../../../src/registry/digest";
import { gatherCaches } from "../../../src/registry/gather";
import { readImageConfig } from "../../../src/registry/imageConfig";
import { inspectCacheSources } from "../../../src/registry/inspect";
import { locate } from "../../../src/registry/location";
import { dropMounts, keepMounts } from "../../../src/registry/mountSaves";
import type { QuestionOptions } from "../../../src/registry/question";
import { attachReferrer } from "../../../src/registry/referrers";
import { Registries } from "../../../src/registry/registries";
import { trustedReferences } from "../../../src/registry/signedCaches";
import { ensureCertificates } from "../../../tools/sandbox/certificates";

const robot = { username: "robot$shop+ci", password: "S3cret" };
const basic = `Basic ${Buffer.from(`${robot.username}:${robot.password}`).toString("base64")}`;
const configType = "application/vnd.oci.image.config.v1+json";
const digestOf = (text: string, algorithm = "sha256") =>
    `${algorithm}:${createHash(algorithm).update(text).digest("hex")}`;

/** A server of this test and what it was asked, with the authorization of each request. */
interface Host {
    readonly url: string;
    readonly host: string;
    readonly asked: string[];
}

type Answers = (request: IncomingMessage, response: ServerResponse, path: string) => void;

let folder: string;
let caFile: string;
let tls: { readonly cert: string; readonly key: string };
const servers: Server[] = [];

before(async () => {
    folder = await mkdtemp(join(tmpdir(), "hostile-registry-"));
    const made = await ensureCertificates(folder);
    caFile = made.caFile;
    const cert = await readFile(made.certificateFile, "utf8");
    tls = { cert, key: await readFile(made.keyFile, "utf8") };
});
after(() => rm(folder, { recursive: true, force: true }));
afterEach(() => {
    for (const server of servers.splice(0)) {
        server.close();
        server.closeAllConnections();
    }
});

async function serve(answers: Answers, scheme: "http" | "https" = "http"): Promise<Host> {
    const asked: string[] = [];
    const listener = (request: IncomingMessage, response: ServerResponse) => {
        const { method, url = "/", headers } = request;
        const { authorization } = headers;
        asked.push(
            [method, url, ...(authorization === undefined ? [] : [authorization])].join(" "),
        );
        answers(request, response, url);
    };
    const server = scheme === "https" ? createSecureServer(tls, listener) : createServer(listener);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo; // a TCP server that listens has a port
    return { url: `${scheme}://127.0.0.1:${port}`, host: `127.0.0.1:${port}`, asked };
}

const json = (response: ServerResponse, value: unknown) => response.end(JSON.stringify(value));
const redirect = (response: ServerResponse, location: string) =>
    response.writeHead(307, { location }).end();
const challenge = (response: ServerResponse, realm: string) =>
    response.writeHead(401, { "www-authenticate": `Bearer realm="${realm}",service="s"` }).end();

/** Answers a token request, and refuses what has no token. Returns whether it answered. */
function guard(request: IncomingMessage, response: ServerResponse, realm: string): boolean {
    if (request.url?.startsWith("/token")) {
        json(response, { token: "T0KEN" });
        return true;
    }
    if (request.headers.authorization !== undefined) return false;
    challenge(response, realm);
    return true;
}

/** Reads the configuration of an image as `robot`. */
function configAt(host: Host, options: QuestionOptions = { url: host.url }) {
    return readImageConfig(`${host.host}/shop/base:1`, undefined, () => robot, {
        retry: { attemptsMax: 1 },
        timeoutMs: 5000,
        ...options,
    });
}

const reasonOf = (answer: object) => ("reason" in answer ? String(answer.reason) : "no reason");

describe("a login", () => {
    test("does not go to a host that a redirect names", async () => {
        const storage = await serve((request, response) => {
            guard(request, response, `${storage.url}/token`) || json(response, { config: {} });
        });
        const registry = await serve((_, response, path) =>
            path.includes("/blobs/")
                ? redirect(response, `${storage.url}/bucket`)
                : json(response, { config: { digest: digestOf("{}") } }),
        );
        await configAt(registry);
        assert.deepEqual(storage.asked, ["GET /bucket"]);
    });

    test("does not go to another host that a challenge of Harbor names", async () => {
        const other = await serve((_, response) => json(response, { token: "T0KEN" }));
        const harbor = await serve((_, response) => challenge(response, `${other.url}/token`));
        const answer = await configAt(harbor);
        assert.deepEqual(other.asked, []);
        assert.equal(
            reasonOf(answer),
            `${harbor.url} sends logins to ${other.url}, another host, which does not get the password; give Harbor's external URL as its address`,
        );
    });

    test("does not go to another machine over plain HTTP", async () => {
        const proxy = await serve((_, response) => json(response, { token: "T0KEN" }));
        const registry = await serve((_, response) =>
            challenge(response, "http://token.test/token"),
        );
        const answer = await configAt(registry, { env: { HTTP_PROXY: proxy.url } });
        assert.deepEqual(proxy.asked, []);
        assert.match(reasonOf(answer), /the password would travel unencrypted/);
    });

    test("is not needed to ask a token service over plain HTTP without one", async () => {
        const tokens = await serve((_, response) => json(response, { token: "T0KEN" }));
        const registry = await serve((request, response, path) => {
            if (guard(request, response, `${tokens.url}/token`)) return;
            const config = JSON.stringify({ config: { OnBuild: ["RUN x"] } });
            if (path.includes("/blobs/")) return void response.end(config);
            json(response, { config: { digest: digestOf(config) } });
        }, "https");
        const options = { url: registry.url, env: { SSL_CERT_FILE: caFile } };
        const anonymous = await readImageConfig(
            `${registry.host}/shop/base:1`,
            undefined,
            () => undefined,
            { retry: { attemptsMax: 1 }, timeoutMs: 5000, ...options },
        );
        assert.deepEqual(anonymous, { config: { env: {}, triggers: ["RUN x"] } });
        assert.deepEqual(tokens.asked, [
            "GET /token?service=s&scope=repository%3Ashop%2Fbase%3Apull",
        ]);
        const refused = await configAt(registry, options);
        assert.match(reasonOf(refused), /the password would travel unencrypted/);
        assert.equal(tokens.asked.length, 1);
    });

    test("goes to another host over https that a registry names, as Docker Hub does", async () => {
        const tokens = await serve((_, response) => json(response, { token: "T0KEN" }), "https");
        const registry = await serve((request, response, path) => {
            if (guard(request, response, `${tokens.url}/token`)) return;
            const config = JSON.stringify({ config: { OnBuild: ["RUN x"] } });
            if (path.includes("/blobs/")) return void response.end(config);
            json(response, { config: { digest: digestOf(config) } });
        }, "https");
        const answer = await configAt(registry, { env: { SSL_CERT_FILE: caFile } });
        assert.deepEqual(answer, { config: { env: {}, triggers: ["RUN x"] } });
        assert.deepEqual(tokens.asked, [
            `GET /token?service=s&scope=repository%3Ashop%2Fbase%3Apull ${basic}`,
        ]);
    });

    test("does not follow a redirect of the token service", async () => {
        const other = await serve((_, response) => json(response, { token: "T0KEN" }));
        const registry = await serve((_, response, path) =>
            path.startsWith("/token")
                ? redirect(response, `${other.url}/token`)
                : challenge(response, `${registry.url}/token`),
        );
        await configAt(registry);
        assert.deepEqual(other.asked, []);
    });

    test("is not sent for a challenge without a realm, or with a realm that is no web address", async () => {
        for (const header of [
            "Bearer",
            'Bearer service="s"',
            'Bearer realm="file:///etc/passwd"',
        ]) {
            const registry = await serve((_, response) =>
                response.writeHead(401, { "www-authenticate": header }).end(),
            );
            const answer = await configAt(registry);
            assert.deepEqual(registry.asked, ["GET /v2/shop/base/manifests/1"]);
            assert.equal(
                reasonOf(answer),
                `${registry.host} asks for a login with "${header}". Expected Basic, or Bearer with the address of a token service as realm. Correct the registry's configuration, or the proxy in front of it`,
            );
        }
    });
});

describe("content", () => {
    /** A registry whose manifest names a configuration by this digest, whose blob has this text. */
    const naming = (digest: unknown, config = "{}") =>
        serve((_, response, path) =>
            path.includes("/blobs/")
                ? response.end(config)
                : json(response, { config: { mediaType: configType, digest } }),
        );

    test("is not requested by a digest that is not one", async () => {
        for (const digest of [
            "../../api/v2.0/users",
            "sha256:../../../../../api/v2.0/users",
            `sha256:${"0".repeat(63)}`,
            `md5:${"0".repeat(32)}`,
            "latest",
            "",
        ]) {
            const registry = await naming(digest);
            const answer = await configAt(registry);
            assert.deepEqual(registry.asked, ["GET /v2/shop/base/manifests/1"], digest);
            assert.match(reasonOf(answer), /is not a digest; expected sha256: or sha512:/, digest);
        }
    });

    test("is not requested outside of a repository that a reference names", async () => {
        const registry = await naming(digestOf("{}"));
        for (const name of ["shop/../../api/v2.0/users", "shop/%2e%2e/x", "shop/x?y", "a\\b"]) {
            const reference = `${registry.host}/${name}:1`;
            const answer = await findDigest(reference, () => robot, { retry: { attemptsMax: 1 } });
            assert.match(reasonOf(answer), /is not a repository/, name);
        }
        assert.deepEqual(registry.asked, []);
    });

    test("must have its digest", async () => {
        const config = JSON.stringify({ config: { OnBuild: ["RUN evil"] } });
        const registry = await naming(digestOf("{}"), config);
        assert.match(
            reasonOf(await configAt(registry)),
            new RegExp(`other content than ${digestOf("{}")}`),
        );
        for (const digest of [digestOf(config), digestOf(config, "sha512")]) {
            assert.deepEqual(await configAt(await naming(digest, config)), {
                config: { env: {}, triggers: ["RUN evil"] },
            });
        }
    });

    test("of an index's image must have its digest", async () => {
        const child = digestOf("child");
        const registry = await serve((_, response, path) =>
            json(
                response,
                path.endsWith("/1") ? { manifests: [{ digest: child }] } : { layers: [] },
            ),
        );
        assert.match(reasonOf(await configAt(registry)), new RegExp(`other content than ${child}`));
    });

    test("of a cache must have its digest to count as a cache or to be gathered", async () => {
        const registry = await naming(digestOf("{}"), '{"moby.buildkit.cache.v0":"e30="}');
        const reference = `${registry.host}/shop/cache:1`;
        const options = { url: registry.url };
        const [state] = await inspectCacheSources([reference], () => undefined, options);
        assert.equal(state?.status, "unreachable");
        assert.match(state?.reason ?? "", /other content than sha256:/);
        const into = { into: reference, from: [] };
        const gathered = await gatherCaches(into, () => undefined, options);
        assert.match(reasonOf(gathered), /other content than sha256:/);
    });

    test("that a reference names by digest has no other digest", async () => {
        const claimed = `sha256:${"1".repeat(64)}`;
        const registry = await serve((_, response) => {
            response.setHeader("docker-content-digest", claimed);
            response.end("{}");
        });
        const ask = (digest: string) => {
            const reference = `${registry.host}/shop/base@${digest}`;
            const options = { url: registry.url, retry: { attemptsMax: 1 } };
            return findDigest(reference, () => undefined, options);
        };
        assert.deepEqual(await ask(digestOf("{}")), { digest: digestOf("{}") });
        assert.match(reasonOf(await ask(digestOf("x"))), /other content than sha256:/);
    });

    test("has the digest of its body, not the digest that a header claims", async () => {
        const claimed = `sha256:${"1".repeat(64)}`;
        const manifest = JSON.stringify({
            config: { mediaType: configType, digest: digestOf("{}") },
        });
        const registry = await serve((_, response, path) => {
            response.setHeader("docker-content-digest", claimed);
            response.end(path.includes("/blobs/") ? "{}" : manifest);
        });
        const reference = `${registry.host}/shop/cache:1`;
        const [state] = await inspectCacheSources([reference], () => undefined, {
            url: registry.url,
        });
        assert.equal(state?.digest, digestOf(manifest));
    });
});

describe("a redirect", () => {
    test("does not spread an unverified certificate to another host", async () => {
        const storage = await serve((_, response) => response.end("{}"), "https");
        const registry = await serve(
            (_, response, path) =>
                path.includes("/blobs/")
                    ? redirect(response, `${storage.url}/bucket`)
                    : json(response, { config: { digest: digestOf("{}") } }),
            "https",
        );
        const insecure = { url: registry.url, verifyTls: false };
        const answer = await configAt(registry, { ...insecure, env: {} });
        assert.deepEqual(storage.asked, []);
        assert.match(reasonOf(answer), /is not trusted/);
        // With a trusted certificate, the redirect works.
        const trusted = await configAt(registry, { ...insecure, env: { SSL_CERT_FILE: caFile } });
        assert.deepEqual(trusted, { config: { env: {}, triggers: [] } });
    });

    test("from this machine to another host uses the proxy", async () => {
        const proxy = await serve((_, response) => response.end("{}"));
        const registry = await serve((_, response, path) =>
            path.includes("/blobs/")
                ? redirect(response, "http://storage.test/bucket")
                : json(response, { config: { digest: digestOf("{}") } }),
        );
        await configAt(registry, { url: registry.url, env: { HTTP_PROXY: proxy.url } });
        assert.deepEqual(proxy.asked, ["GET http://storage.test/bucket"]);
    });

    test("from another host to this machine does not use the proxy", async () => {
        const storage = await serve((_, response) => response.end("{}"));
        const proxy = await serve((_, response, path) =>
            path.includes("/blobs/")
                ? redirect(response, `${storage.url}/bucket`)
                : json(response, { config: { digest: digestOf("{}") } }),
        );
        const harbor = { ...proxy, host: "harbor.test", url: "http://harbor.test" };
        await configAt(harbor, { url: harbor.url, env: { HTTP_PROXY: proxy.url } });
        assert.deepEqual(storage.asked, ["GET /bucket"]);
    });

    test("to an address that cannot be requested is reported", async () => {
        for (const location of ["http://[", "ftp://127.0.0.1/x", "//"]) {
            const registry = await serve((_, response) => redirect(response, location));
            assert.match(reasonOf(await configAt(registry)), /^it redirects to /, location);
        }
    });
});

describe("requests", () => {
    const cacheType = "application/vnd.buildkit.cacheconfig.v0";

    test("end when a record names more saves than a stack can have", async () => {
        const records = Array.from({ length: 3000 }, (_, layer) => ({
            digest: `save-${layer}`,
            layers: [{ layer, createdAt: "2026-01-02T03:04:05Z" }],
        }));
        const layers = records.map(({ digest }) => ({ blob: digestOf(digest), parent: -1 }));
        const config = JSON.stringify({ layers, records });
        const registry = await serve((_, response, path) =>
            path.includes("/manifests/")
                ? json(response, { config: { digest: digestOf(config), mediaType: cacheType } })
                : response.end(config),
        );
        const reference = (tag: string) => `${registry.host}/shop/cache:${tag}`;
        await gatherCaches(
            { into: reference("dev"), from: [], kept: reference("kept") },
            () => undefined,
            { url: registry.url, timeoutMs: 120_000 },
        );
        const heads = registry.asked.filter((line) => line.startsWith("HEAD"));
        assert.equal(heads.length, 500);
    });

    test("of one run of requests to a registry have a limit", async () => {
        const registry = await serve((_, response) => response.writeHead(404).end());
        const from = Array.from({ length: 2500 }, (_, tag) => `${registry.host}/shop/cache:${tag}`);
        const states = await inspectCacheSources(from, () => undefined, {
            url: registry.url,
            timeoutMs: 120_000,
        });
        assert.equal(registry.asked.length, 2000);
        assert.equal(states.at(-1)?.reason, `${registry.url} needs more than 2000 requests`);
    });
});

test("every question closes its connections", async () => {
    const registry = await serve((_, response) => response.writeHead(404).end());
    const server = servers.at(-1) ?? assert.fail();
    const connections = () =>
        new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));
    const reference = `${registry.host}/shop/cache:1`;
    const cache = { kept: reference, candidate: reference, cache: reference, fallbacks: [] };
    const options = { url: registry.url };
    const none = () => undefined;
    for (const [name, ask] of Object.entries({
        gather: () => gatherCaches({ into: reference, from: [] }, none, options),
        inspect: () => inspectCacheSources([reference], none, options),
        digest: () => findDigest(reference, none, options),
        gap: () => findCacheGap(reference, undefined, none, options),
        keep: () => keepMounts(cache, 1, none, options),
        drop: () => dropMounts(cache, none, options).catch(none),
        trusted: () => trustedReferences([reference], none, options),
    })) {
        await ask();
        // Far less than the 5 s after which a server of Node.js closes an idle connection.
        for (let tries = 0; tries < 50 && (await connections()) > 0; tries++) await sleep(20);
        assert.equal(await connections(), 0, name);
    }
});

test("at most eight images of an index are searched for a cache", async () => {
    const manifests = Array.from({ length: 20 }, (_, at) => ({ digest: digestOf(`${at}`) }));
    const registry = await serve((_, response, path) =>
        path.endsWith("/1") ? json(response, { manifests }) : response.writeHead(404).end(),
    );
    const reference = `${registry.host}/shop/cache:1`;
    await inspectCacheSources([reference], () => undefined, { url: registry.url });
    assert.equal(registry.asked.length, 1 + 8);
});

test("a list of signatures that cannot be read is not replaced", async () => {
    const signers: IncomingMessage["headers"][] = [];
    const registry = await serve((request, response, path) => {
        request.resume();
        if (request.method === "POST") response.writeHead(202, { location: `${path}1` }).end();
        else if (request.method === "PUT") response.writeHead(201).end();
        else if (path.includes("/sha256-")) response.writeHead(500).end();
        else {
            if (path.includes("/manifests/sha256:")) signers.push(request.headers);
            response.end("{}");
        }
    });
    const registries = new Registries(() => undefined, { url: registry.url });
    const artifact = { type: "x/y", content: "x", annotations: {} };
    try {
        await assert.rejects(
            registries.ask(locate(`${registry.host}/shop/base:1`), (session) =>
                attachReferrer(session, "shop/base", digestOf("{}"), artifact),
            ),
            { status: 500 },
        );
    } finally {
        registries.close();
    }
    assert.ok(!registry.asked.some((line) => /^PUT .*\/sha256-/.test(line)));
    // Harbor's content trust lets such a client read an image without a signature.
    const [{ accept = "", "user-agent": agent = "" } = {}] = signers;
    assert.match(agent, /cosign/);
    assert.match(accept, /^application\/vnd\.oci\.image\.manifest\.v1\+json, /);
});

test("a copied blob is sent with its length, and all writes use one token", async () => {
    const lengths: (string | undefined)[] = [];
    const registry = await serve((request, response, path) => {
        if (guard(request, response, `${registry.url}/token`)) return;
        request.resume();
        if (request.method === "POST") {
            response.writeHead(202, { location: `${path}1` }).end();
        } else if (request.method === "PUT") {
            lengths.push(request.headers["content-length"]);
            response.writeHead(201).end();
        } else response.end("content");
    });
    const registries = new Registries(() => robot, { url: registry.url });
    const place = locate(`${registry.host}/shop/base:1`);
    try {
        await registries.ask(place, async (session) => {
            await session.copyBlob("shop/base", digestOf("content"), "main/base");
            await session.copyBlob("shop/base", digestOf("content"), "main/base");
        });
    } finally {
        registries.close();
    }
    assert.deepEqual(lengths, ["7", "7"]);
    const scopes = registry.asked.flatMap((line) => /scope=(\S+)/.exec(line)?.[1] ?? []);
    assert.deepEqual(scopes.map(decodeURIComponent), [
        "repository:main/base:pull",
        "repository:shop/base:pull,push",
    ]);
});

test("the words of a registry are one line without control characters and commands", async () => {
    const message = "denied\r\n::add-mask::x\u001b[2J\n##[group]y";
    const registry = await serve((_, response) => {
        response.writeHead(500);
        json(response, { errors: [{ code: "UNKNOWN", message }] });
    });
    assert.equal(
        reasonOf(await configAt(registry)),
        "the registry answered 500: denied : :add-mask::x [2J # #[group]y",
    );
});

test("an answer that is not JSON is not quoted", async () => {
    const registry = await serve((_, response) => response.end("\n::add-mask::x\u001b[2J"));
    assert.equal(reasonOf(await configAt(registry)), "the request failed: the answer is not JSON");
    const reference = `${registry.host}/shop/cache:1`;
    const gathered = await gatherCaches({ into: reference, from: [] }, () => undefined, {
        url: registry.url,
    });
    assert.deepEqual(gathered, { reason: "the answer is not JSON" });
});
