import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:net";
import { test } from "node:test";
import type { RegistryCredentials } from "../../../src/registry/credentials";
import { findDigest } from "../../../src/registry/digest";
import type { QuestionOptions } from "../../../src/registry/question";
import { startTinyRegistry, type TinyRegistryOptions } from "./tinyRegistry";

const robot = { username: "robot$shop+ci", password: "right-secret" };
const index = {
    type: "application/vnd.oci.image.index.v1+json",
    content: { schemaVersion: 2, manifests: [{ digest: `sha256:${"1".repeat(64)}` }] },
};
const image = {
    type: "application/vnd.oci.image.manifest.v1+json",
    content: { schemaVersion: 2, config: {}, layers: [] },
};

interface Question extends QuestionOptions {
    readonly reference?: string;
    readonly credentials?: RegistryCredentials;
}

/**
 * Asks a registry with the given behaviour for a digest; returns the answer and the requests for
 * manifests.
 */
async function ask(
    server: TinyRegistryOptions = {},
    { reference = "open/base:1", credentials, ...options }: Question = {},
) {
    const registry = await startTinyRegistry({
        projects: { open: "public", shop: "private" },
        accounts: { [robot.username]: { password: robot.password, rights: { shop: ["pull"] } } },
        ...server,
    });
    try {
        const indexDigest = registry.manifest("open/base", "1", index.content, index.type);
        const imageDigest = registry.manifest("shop/base", "1", image.content, image.type);
        const answer = await findDigest(`${registry.host}/${reference}`, () => credentials, {
            url: registry.url,
            retry: { delayMs: 1 },
            ...options,
        });
        return {
            answer:
                "reason" in answer
                    ? { ...answer, reason: answer.reason.replaceAll(registry.host, "HOST") }
                    : answer,
            indexDigest,
            imageDigest,
            requests: registry.requests.filter((line) => line.includes("/manifests/")),
        };
    } finally {
        await registry.close();
    }
}

/** Answers the first `times` requests for a manifest in place of the registry. */
function first(
    times: number,
    answer: (request: IncomingMessage, response: ServerResponse) => void,
): TinyRegistryOptions {
    let count = 0;
    return {
        before(request, response) {
            if (!request.url?.includes("/manifests/") || count === times) return false;
            count++;
            answer(request, response);
            return true;
        },
    };
}

const status =
    (code: number, headers: Record<string, string> = {}) =>
    (_: IncomingMessage, response: ServerResponse) => {
        response.writeHead(code, headers);
        response.end(JSON.stringify({ errors: [{ code: "X", message: `said ${code}` }] }));
    };

test("reads the digest of the index, if there is one, from the headers", async () => {
    const { answer, indexDigest, requests } = await ask();
    assert.deepEqual(answer, { digest: indexDigest });
    // Once without a token, once with one; never a GET, which Docker Hub counts as a pull.
    assert.deepEqual(requests, [
        "HEAD /v2/open/base/manifests/1",
        "HEAD /v2/open/base/manifests/1",
    ]);
});

test("finds a private image's digest with a login that may pull it", async () => {
    const { answer, imageDigest } = await ask({}, { reference: "shop/base:1", credentials: robot });
    assert.deepEqual(answer, { digest: imageDigest });
});

test("hashes the manifest of a registry that sends no digest", async () => {
    const body = JSON.stringify(image.content);
    const { answer, requests } = await ask(
        first(2, (_, response) => {
            response.writeHead(200, { "content-type": image.type });
            response.end(body);
        }),
    );
    const digest = `sha256:${createHash("sha256").update(body).digest("hex")}`;
    assert.deepEqual(answer, { digest });
    assert.deepEqual(requests, ["HEAD /v2/open/base/manifests/1", "GET /v2/open/base/manifests/1"]);
});

test("reports a missing login for a private image", async () => {
    const { answer } = await ask({}, { reference: "shop/base:1" });
    assert.deepEqual(answer, {
        status: "forbidden",
        reason: "no login is given for HOST, and shop/base is not public",
    });
});

test("distinguishes a wrong secret from an account without the right", async () => {
    const reference = "shop/base:1";
    const wrong = await ask({}, { reference, credentials: { ...robot, password: "wrong" } });
    assert.deepEqual(wrong.answer, {
        status: "login refused",
        reason: "the login for HOST is not accepted: its user or secret is wrong, or the account is disabled or has expired",
    });
    const accounts = { [robot.username]: { password: robot.password, rights: {} } };
    const noRight = await ask({ accounts }, { reference, credentials: robot });
    assert.deepEqual(noRight.answer, {
        status: "forbidden",
        reason: "the login for HOST is good, but the account may not pull from shop/base",
    });
});

test("reports a missing tag in the registry's words", async () => {
    const { answer } = await ask({}, { reference: "open/base:2" });
    assert.deepEqual(answer, {
        status: "missing",
        reason: "artifact open/base:2 not found",
    });
});

test("retries temporary faults: 502, 503, 429, a broken connection", async () => {
    for (const fault of [
        status(502),
        status(503),
        status(429),
        (request: IncomingMessage) => request.socket.destroy(),
    ]) {
        const { answer, indexDigest } = await ask(first(2, fault));
        assert.deepEqual(answer, { digest: indexDigest });
    }
});

test("retries a token service after a temporary fault", async () => {
    let count = 0;
    const { answer, indexDigest } = await ask({
        before(request, response) {
            if (!request.url?.startsWith("/service/token") || count++ > 0) return false;
            status(503)(request, response);
            return true;
        },
    });
    assert.deepEqual(answer, { digest: indexDigest });
    assert.equal(count, 2);
});

test("gives up after four requests at a used-up rate limit, and never sends a GET", async () => {
    const { answer, requests } = await ask(first(100, status(429)));
    assert.deepEqual(answer, {
        status: "unreachable",
        reason: "the registry answered 429: its rate limit is used up for now",
    });
    assert.deepEqual(requests, Array(4).fill("HEAD /v2/open/base/manifests/1"));
});

test("does not wait longer than allowed", async () => {
    const { answer, requests } = await ask(first(100, status(429, { "retry-after": "3600" })));
    assert.equal("reason" in answer && answer.status, "unreachable");
    assert.equal(requests.length, 1);
});

test("does not retry a refusal", async () => {
    const { requests } = await ask({}, { reference: "open/base:2" });
    assert.deepEqual(requests, [
        "HEAD /v2/open/base/manifests/2",
        "HEAD /v2/open/base/manifests/2",
        "GET /v2/open/base/manifests/2",
    ]);
});

test("reports an unreachable registry in words that fit any registry", async () => {
    const answer = await findDigest("127.0.0.1:9/open/base:1", () => undefined, {
        retry: { attemptsMax: 2, delayMs: 1 },
    });
    assert.deepEqual(answer, {
        status: "unreachable",
        reason: "127.0.0.1:9 cannot be reached (ECONNREFUSED)",
    });
});

test("gives up on a registry that does not answer in time", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => silent.once("listening", resolve));
    const address = silent.address();
    assert.ok(address !== null && typeof address === "object");
    const host = `127.0.0.1:${address.port}`;
    const options = { url: `http://${host}`, timeoutMs: 200, retry: { delayMs: 1 } };
    const answer = await findDigest(`${host}/open/base:1`, () => undefined, options);
    assert.deepEqual(answer, {
        status: "unreachable",
        reason: `${host} did not answer within 0.2 s`,
    });
    silent.close();
});
