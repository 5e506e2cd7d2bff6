import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { classifyBuildFault } from "../../../../src/explain/classify";
import { decideRetry } from "../../../../src/hooks/retry/retryHook";
import { mockRun } from "../../../support/mocks";
import { writeFolder } from "../../../support/tinyProject";
import { startTinyRegistry, type TinyRegistry } from "../../registry/tinyRegistry";

const env = { DOCKER_CONFIG: "/nonexistent" };
const unavailable =
    "failed to solve: failed to push h/p/a:1: unexpected status from PUT request to http://h/v2/p/a/manifests/1: 503 Service Unavailable";
const refused = (status: string, host: string) =>
    `failed to solve: failed to push ${host}/p/a:1: unexpected status from HEAD request to http://${host}/v2/p/a/blobs/sha256:8a: ${status}`;
const policy = "The image is not signed by cosign.";
let registry: TinyRegistry;
let unauthorized: string;
let head: string;

before(async () => {
    await mockRun();
    registry = await startTinyRegistry({
        projects: { shop: "private", trusted: "private" },
        accounts: {
            pusher: {
                password: "right",
                rights: { shop: ["pull", "push"], trusted: ["pull", "push"] },
            },
            puller: { password: "right", rights: { shop: ["pull"] } },
        },
        before: (request, response) => {
            const trusted = request.url?.startsWith("/v2/trusted/") === true;
            if (!trusted || request.headers.authorization === undefined) {
                return false;
            }
            const errors = [{ code: "PROJECTPOLICYVIOLATION", message: policy }];
            response.writeHead(412).end(JSON.stringify({ errors }));
            return true;
        },
    });
    unauthorized = refused("401 Unauthorized", registry.host);
    head = `the registry answered 401 to HEAD ${registry.url}/v2/p/a/blobs/sha256:8a`;
});
after(() => registry.close());

const inputs = (username: string, password = "right", project = "shop") => ({
    tags: [`${registry.host}/${project}/fm:1`],
    registries: pulumi.secret([{ address: registry.host, username, password }]),
});
const decide = (errors: readonly string[], news: Record<string, unknown> = {}) =>
    decideRetry(errors, news, { delayMs: 1000, env, url: registry.url });

test("retries a temporary fault with growing waits, up to the limit", async (t) => {
    t.mock.method(Math, "random", () => 0.5);
    const delays: number[] = [];
    for (const attempt of [1, 2, 3]) {
        const decision = await decide(Array.from({ length: attempt }, () => unavailable));
        assert.ok(decision.retry);
        delays.push(decision.delayMs);
        const seconds = (decision.delayMs / 1000).toFixed(1);
        assert.equal(
            decision.message,
            `the registry answered 503 to PUT http://h/v2/p/a/manifests/1; building again in ${seconds} s (retry ${attempt} of 3)`,
        );
    }
    assert.deepEqual(delays, [750, 1500, 3000]);
    assert.deepEqual(await decide(Array.from({ length: 4 }, () => unavailable)), {
        retry: false,
        message:
            "the registry answered 503 to PUT http://h/v2/p/a/manifests/1; gave up after 4 attempts.",
    });
});

test("accepts a different limit, including zero", async () => {
    const decision = await decideRetry([unavailable], {}, { retriesMax: 0, env });
    assert.equal(decision.retry, false);
    assert.match(decision.message ?? "", /gave up after one attempt\.$/);
});

test("limits the wait", async () => {
    const options = { retriesMax: 20, delayMs: 1000, delayMaxMs: 3000, env };
    const decision = await decideRetry(Array(15).fill(unavailable), {}, options);
    assert.ok(decision.retry && decision.delayMs <= 3000);
});

const noDocker =
    "creating builder: failed to initialize builder pensive_montalcini (pensive_montalcini0): failed to connect to the docker API at unix:///var/run/docker.sock; check if the path is correct and if the daemon is running: dial unix /var/run/docker.sock: connect: no such file or directory";

test("does not wait for a builder that was never set up", async () => {
    assert.deepEqual(await decide([noDocker]), {
        retry: false,
        message:
            "no builder answers, and docker-build found no Docker to start its own builder; not retried. Start the builder that `docker buildx ls` shows, or Docker; `docker buildx create --use` creates one.",
    });
});

test("waits for a builder that is set up and does not answer, and for an existing Docker", async () => {
    const folder = writeFolder({ "buildx/instances/remote": "{}" });
    const setUp = { DOCKER_CONFIG: folder };
    const named = { DOCKER_CONFIG: "/nonexistent", BUILDX_CONFIG: join(folder, "buildx") };
    for (const one of [setUp, named]) {
        assert.equal((await decideRetry([noDocker], {}, { env: one })).retry, true);
    }
    const refusing = noDocker.replace("no such file or directory", "connection refused");
    assert.equal((await decide([refusing])).retry, true);
});

test("tries a builder that does not answer within docker-build's 20 seconds only twice", async () => {
    const down = "context deadline exceeded";
    assert.equal((await decide([down])).retry, true);
    assert.deepEqual(await decide([down, down]), {
        retry: false,
        message:
            'the builder is not reachable; gave up after 2 attempts. Check that the BuildKit instance that the log names in `building with "…" instance` is running. Start it, or name a different builder.',
    });
});

test("leaves a fault of the Dockerfile to its own message", async () => {
    const failed =
        'failed to solve: process "/bin/sh -c go build" did not complete successfully: exit code: 1';
    assert.deepEqual(await decide([failed]), { retry: false, message: undefined });
});

test("does not retry a wrong secret, and names it", async () => {
    assert.deepEqual(await decide([unauthorized], inputs("pusher", "wrong")), {
        retry: false,
        message: `${head}; not retried. The login for ${registry.host} is not accepted: its user or secret is wrong, or the account is disabled or has expired.`,
    });
});

test("reports why a login is rejected if Harbor's API knows", async () => {
    const decision = await decideRetry([unauthorized], inputs("pusher", "wrong"), {
        env,
        url: registry.url,
        explainLogin: async (host, username) => ({
            status: "login refused",
            reason: `the robot account ${username} at ${host} is disabled in Harbor`,
            advice: "Enable it there.",
        }),
    });
    assert.deepEqual(decision, {
        retry: false,
        message: `${head}; not retried. The robot account pusher at ${registry.host} is disabled in Harbor. Enable it there.`,
    });
});

test("reports the rights of an account that may not push", async () => {
    assert.deepEqual(await decide([unauthorized], inputs("puller")), {
        retry: false,
        message: `${head}; not retried. The account may pull in shop/fm; a push requires pull and push.`,
    });
});

test("names a missing project", async () => {
    assert.deepEqual(await decide([unauthorized], inputs("pusher", "right", "shopp")), {
        retry: false,
        message: `${head}; not retried. The project "shopp" does not exist: declare it, or correct its name.`,
    });
});

test("retries a 401 once when the account may push, since the token had expired", async () => {
    const first = await decide([unauthorized], inputs("pusher"));
    assert.equal(first.retry, true);
    assert.match(first.message ?? "", /but the account may push now: the token had expired/);
    const second = await decide([unauthorized, unauthorized], inputs("pusher"));
    assert.equal(second.retry, false);
    assert.match(
        second.message ?? "",
        /The account may push in shop\/fm, but the registry refused the push/,
    );
});

test("reports a policy behind a bare 412 with the registry's message", async () => {
    const decision = await decide(
        [refused("412 Precondition Failed", registry.host)],
        inputs("pusher", "right", "trusted"),
    );
    assert.equal(decision.retry, false);
    assert.match(
        decision.message ?? "",
        /; not retried\. The registry reports for 127\.0\.0\.1:\d+\/trusted\/fm:1: The image is not signed by cosign\. A push first reads the tag's current manifest, and the policy blocks that request: push under a tag for each content \(tagByContent: true\)/,
    );
});

for (const status of [
    "400 Bad Request",
    "403 Forbidden",
    "404 Not Found",
    "409 Conflict",
    "413 Payload Too Large",
    "501 Not Implemented",
    "507 Insufficient Storage",
]) {
    test(`explains ${status} for an account that may push without doubting the login`, async () => {
        const decision = await decide([refused(status, registry.host)], inputs("pusher"));
        assert.equal(decision.retry, false);
        const advice = classifyBuildFault(refused(status, registry.host)).advice;
        assert.equal(
            decision.message,
            `the registry answered ${status.slice(0, 3)} to HEAD ${registry.url}/v2/p/a/blobs/sha256:8a; not retried. ${advice}`,
        );
    });
}

test("keeps the advice for a 401 when the registry cannot be asked", async () => {
    const news = { tags: ["127.0.0.1:9/shop/fm:1"], registries: [] };
    const decision = await decide([refused("401 Unauthorized", "127.0.0.1:9")], news);
    assert.equal(decision.retry, false);
    assert.match(decision.message ?? "", /not retried\. Check user and secret\./);
});

test("draws no conclusion about the pushing account from another registry's 401 for a base image", async () => {
    const from = registry.requests.length;
    const error = refused("401 Unauthorized", "base.example.com");
    const decision = await decide([error], inputs("pusher"));
    assert.equal(decision.retry, false);
    assert.equal(registry.requests.length, from);
});

/** A folder of Docker's configuration with one selected builder. */
const builderOf = (
    driver: string,
    options: Record<string, string> = {},
    endpoint = "unix:///var/run/docker.sock",
) => ({
    DOCKER_CONFIG: writeFolder({
        "buildx/current": JSON.stringify({ Name: "own" }),
        "buildx/instances/own": JSON.stringify({
            Name: "own",
            Driver: driver,
            Nodes: [{ Endpoint: endpoint, DriverOpts: options }],
        }),
    }),
});
const decideOn = async (error: string, builder: NodeJS.ProcessEnv) => {
    const decision = await decideRetry([error], {}, { delayMs: 1000, env: builder });
    return decision.retry ? "retried" : decision.message;
};

test("does not retry on a container that restarted, which docker-build cannot reach again", async () => {
    const error = "failed to solve: Unavailable: error reading from server: EOF";
    assert.equal(await decideOn(error, builderOf("remote")), "retried");
    assert.equal(
        await decideOn(error, builderOf("docker-container")),
        "the builder restarted, and docker-build keeps its dead connection to the builder until the end of the run; not retried. Run `pulumi up` again. If the builder restarts often, its machine may be out of memory.",
    );
});

test("does not retry on a container that looks for this machine's loopback in its own network", async () => {
    const error = `failed to solve: failed to push 127.0.0.1:18080/p/a:1: failed to do request: Head "http://127.0.0.1:18080/v2/": dial tcp 127.0.0.1:18080: connect: connection refused`;
    assert.equal(await decideOn(error, builderOf("remote")), "retried");
    assert.equal(
        await decideOn(error, builderOf("docker-container", { network: "host" })),
        "retried",
    );
    assert.match(
        (await decideOn(error, builderOf("docker-container"))) ?? "",
        /^the builder's container looks for 127\.0\.0\.1:18080 in its own network, where nothing listens; not retried\. Fix: create a builder in the machine's network/,
    );
    const named = { builder: { name: "default" } };
    const byName = await decideRetry([error], named, { env: builderOf("remote") });
    assert.match(
        byName.message ?? "",
        /^the builder's container looks for .+; not retried\. Fix: /,
    );
    const token = `failed to fetch oauth token: Post "http://127.0.0.1:18080/token": dial tcp 127.0.0.1:18080: connect: connection refused`;
    assert.equal(await decideOn(token, builderOf("docker-container")), "retried");
    const elsewhere = error.replaceAll("127.0.0.1", "10.0.0.7");
    assert.equal(await decideOn(elsewhere, builderOf("docker-container")), "retried");
});

test("does not send users of Docker's rootless mode to network=host", async () => {
    const error = `failed to solve: failed to do request: Head "http://127.0.0.1:18080/v2/": dial tcp 127.0.0.1:18080: connect: connection refused`;
    for (const endpoint of ["unix:///run/user/1000/docker.sock", "rootless"]) {
        for (const network of ["bridge", "host"]) {
            assert.equal(
                await decideOn(error, builderOf("docker-container", { network }, endpoint)),
                "the builder's container looks for 127.0.0.1:18080 in the network of Docker's rootless mode, where nothing listens; not retried. Fix: give the registry an address of this machine that is not a loopback address. In rootless mode, network=host does not help.",
            );
        }
    }
});

test("reports after a refusal that no registry is at the address", async () => {
    const server = await startTinyRegistry({
        before: (_, response) => {
            response.writeHead(404).end();
            return true;
        },
    });
    const decision = await decideRetry(
        [refused("404 Not Found", server.host)],
        { tags: [`${server.host}/p/a:1`] },
        { url: server.url, env },
    );
    await server.close();
    assert.deepEqual(decision, {
        retry: false,
        message: `the registry answered 404 to HEAD http://${server.host}/v2/p/a/blobs/sha256:8a; not retried. ${server.host} answers 404 to /v2/: no registry is at this address. Set registry to the host of an OCI registry, with its port, as docker login names it.`,
    });
});
