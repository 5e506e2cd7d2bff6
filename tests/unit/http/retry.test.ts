import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { after, before, beforeEach, describe, test } from "node:test";
import { createProject, getProject, listProjects } from "../../../src/harbor/project";
import { createRobot, listRobots } from "../../../src/harbor/robot";
import { RequestError, RequestErrorKind } from "../../../src/http/error";
import { delayBefore, mayRepeat, retryDefaults, sleep } from "../../../src/http/retry";
import { answer, type FaultyProxy, hang, reset, startFaultyProxy } from "../../support/faultyProxy";
import { type SandboxHarbor, startSandboxHarbor } from "../../support/sandboxHarbor";

const html502 =
    "<html><head><style>b{}</style></head><body><h1>502 Bad Gateway</h1>nginx</body></html>";

describe("a client under faults", () => {
    let harbor: SandboxHarbor;
    let proxy: FaultyProxy;
    before(async () => {
        harbor = await startSandboxHarbor();
        proxy = await startFaultyProxy(harbor.url);
    });
    after(async () => {
        await proxy.close();
        await harbor.close();
    });
    beforeEach(() => {
        proxy.passed.length = 0;
    });

    const client = (options = {}) => harbor.client({ url: proxy.url, ...options });
    const requests = () => proxy.passed.map(({ method, path }) => `${method} ${path}`);

    for (const [name, act] of [
        ["a 502 of a proxy in HTML", answer(502, html502, { "content-type": "text/html" })],
        ["a 503", answer(503)],
        ["a 504", answer(504)],
        ["a 429 that asks to wait", answer(429, "", { "retry-after": "0" })],
        ["a 500", answer(500, '{"errors":[{"code":"UNKNOWN","message":"internal server error"}]}')],
        ["a broken connection", reset],
    ] as const) {
        test(`retries a read after ${name}`, async () => {
            proxy.inject({ method: "GET", path: "/projects/library", act });
            assert.equal((await getProject(client(), "library"))?.name, "library");
            assert.deepEqual(requests(), [
                "GET /api/v2.0/users/current",
                "GET /api/v2.0/projects/library",
                "GET /api/v2.0/projects/library",
            ]);
        });
    }

    test("gives up a read after the allowed attempts, and reports the last answer", async () => {
        proxy.inject({
            method: "GET",
            path: "/projects/library",
            times: 3,
            act: answer(502, html502),
        });
        const url = `${proxy.url}/api/v2.0/projects/library`;
        await assert.rejects(
            getProject(client({ retry: { attemptsMax: 3, delayMs: 1 } }), "library"),
            {
                message: `Harbor answered 502: an HTML page: 502 Bad Gateway nginx (GET ${url})`,
            },
        );
        assert.equal(proxy.passed.length, 1 + 3);
    });

    test("does not wait longer than allowed", async () => {
        const busy = await startFaultyProxy(harbor.url);
        busy.inject({
            method: "GET",
            path: "/projects",
            act: answer(429, "", { "retry-after": "600" }),
        });
        await assert.rejects(listProjects(harbor.client({ url: busy.url })), { status: 429 });
        await busy.close();
    });

    test("gives up an answer after the time limit and asks again (fault 20: no limit, no retry)", async () => {
        proxy.inject({ method: "GET", path: "/projects/slow", act: hang });
        const quick = client({ requestTimeoutMs: 150 });
        assert.equal(await getProject(quick, "slow"), undefined);
    });

    test("reports truncated JSON", async () => {
        proxy.inject({
            method: "GET",
            path: "/projects/cut",
            times: 2,
            act: answer(200, '{"project_id": 1, '),
        });
        await assert.rejects(getProject(client({ retry: { attemptsMax: 2, delayMs: 1 } }), "cut"), {
            kind: "protocol",
            reason: "the answer is not complete JSON",
        });
    });

    test("reports HTML with status 200 as another program's answer", async () => {
        proxy.inject({
            method: "GET",
            path: "/projects/portal",
            times: 2,
            act: answer(200, "<!doctype html>"),
        });
        await assert.rejects(
            getProject(client({ retry: { attemptsMax: 2, delayMs: 1 } }), "portal"),
            {
                kind: "notHarbor",
                reason: `${proxy.url} does not look like a Harbor server: it answered with a web page. Give the address of Harbor's portal, https://host[:port]`,
            },
        );
    });

    test("retries a 401 once after the lock of a failed login", async () => {
        const patient = client({ retry: { delayMs: 1, loginLockMs: 5 } });
        await getProject(patient, "library");
        proxy.passed.length = 0;
        proxy.inject({ method: "GET", path: "/projects/library", act: answer(401) });
        assert.equal((await getProject(patient, "library"))?.name, "library");
        assert.equal(proxy.passed.length, 2);
    });

    test("finds a creation whose answer is lost, without a second request", async () => {
        proxy.inject({ method: "POST", path: "/projects", afterwards: true, act: reset });
        const { value, recovered } = await createProject(client(), { name: "lost" });
        assert.equal(recovered, true);
        assert.equal((await getProject(harbor.client(), "lost"))?.id, value);
        assert.equal(requests().filter((line) => line === "POST /api/v2.0/projects").length, 1);
    });

    test("repeats a creation that Harbor never saw", async () => {
        proxy.inject({ method: "POST", path: "/projects", act: reset });
        const { recovered } = await createProject(client(), { name: "unseen" });
        assert.equal(recovered, false);
        assert.equal(requests().filter((line) => line === "POST /api/v2.0/projects").length, 2);
    });

    test("does not count an older resource as the result of a lost creation", async () => {
        await createProject(harbor.client(), { name: "theirs" });
        proxy.inject({ method: "POST", path: "/projects", act: answer(504) });
        // As if an hour had passed between the two.
        proxy.inject({
            method: "GET",
            path: "/projects/theirs",
            afterwards: true,
            act: (response, real) => {
                const date = new Date(Date.now() + 3_600_000).toUTCString();
                response.writeHead(200, { "content-type": "application/json", date });
                response.end(real?.body);
            },
        });
        await assert.rejects(createProject(client(), { name: "theirs" }), { status: 504 });
    });

    test("looks up the resource of a 201 without Location", async () => {
        proxy.inject({ method: "POST", path: "/projects", afterwards: true, act: answer(201) });
        const { value } = await createProject(client(), { name: "nolocation" });
        assert.equal((await getProject(harbor.client(), "nolocation"))?.id, value);
    });

    test("finds a robot account by its exact name after a lost answer", async () => {
        const { value: projectId } = await createProject(harbor.client(), { name: "bots" });
        proxy.inject({
            method: "POST",
            path: "/robots",
            afterwards: true,
            act: answer(502, html502),
        });
        const { value, recovered } = await createRobot(client(), {
            name: "ci",
            level: "project",
            duration: -1,
            permissions: [
                {
                    kind: "project",
                    namespace: "bots",
                    access: [{ resource: "repository", action: "pull" }],
                },
            ],
        });
        assert.equal(recovered, true);
        assert.equal(value.fullName, "robot$bots+ci");
        const robots = await listRobots(harbor.client(), { projectId });
        assert.deepEqual(
            robots.map((robot) => robot.id),
            [value.id],
        );
    });

    test("never repeats refused requests", async () => {
        await assert.rejects(createProject(client(), { name: "library" }), (error: unknown) => {
            assert.ok(error instanceof RequestError);
            assert.equal(error.status, 409);
            assert.equal(error.code, "CONFLICT");
            assert.equal(error.reason, "The project named library already exists");
            return true;
        });
        assert.equal(requests().filter((line) => line.startsWith("POST")).length, 1);
    });
});

test("repeats a request after a temporary fault of DNS, but not to a host that does not exist", () => {
    const request = { safe: true, idempotent: true, attempt: 1 };
    const fault = (code: string) =>
        new RequestError({
            kind: RequestErrorKind.Unreachable,
            reason: "Harbor cannot be reached",
            cause: Object.assign(new Error("getaddrinfo"), { code }),
        });
    assert.equal(mayRepeat(fault("EAI_AGAIN"), request), true);
    assert.equal(mayRepeat(fault("ENOTFOUND"), request), false);
});

const requests = {
    read: { safe: true, idempotent: true, attempt: 1 },
    "second read": { safe: true, idempotent: true, attempt: 2 },
    replacement: { safe: false, idempotent: true, attempt: 1 },
    creation: { safe: false, idempotent: false, attempt: 1 },
} as const;
const { Cancelled, NotHarbor, Status, Tls, Unreachable } = RequestErrorKind;

for (const [what, error, repeated] of [
    ["a cancelled run", { kind: Cancelled }, []],
    ["an untrusted certificate", { kind: Tls }, []],
    ["429", { kind: Status, status: 429 }, Object.keys(requests)],
    ["500", { kind: Status, status: 500 }, ["read"]],
    ...[408, 425, 502, 503, 504].map(
        (status) =>
            [
                `${status}`,
                { kind: Status, status },
                ["read", "second read", "replacement"],
            ] as const,
    ),
    ...[400, 401, 403, 404, 409, 412, 413, 501, 505, 507].map(
        (status) => [`${status}`, { kind: Status, status }, []] as const,
    ),
    ["a redirect", { kind: NotHarbor, status: 302 }, []],
    ["a connection that nobody accepted", { kind: Unreachable }, Object.keys(requests)],
    [
        "a connection that broke after the request",
        { kind: Unreachable, ambiguous: true },
        ["read", "second read", "replacement"],
    ],
] as const) {
    test(`repeats after ${what}: ${repeated.join(", ") || "nothing"}`, () => {
        const fault = new RequestError({ reason: "", ...error });
        const found = Object.entries(requests).filter(([, one]) => mayRepeat(fault, one));
        assert.deepEqual(
            found.map(([name]) => name),
            repeated,
        );
    });
}

test("repeats nothing after an error that is not of a request", () => {
    assert.equal(mayRepeat(new Error("x"), requests.read), false);
});

test("doubles the wait with each attempt, at least half of it, up to the longest", () => {
    for (const [attempt, full] of [
        [1, 250],
        [2, 500],
        [6, 8000],
        [7, 15_000],
        [20, 15_000],
    ] as const) {
        for (let round = 0; round < 50; round++) {
            const wait = delayBefore(attempt, retryDefaults) ?? 0;
            assert.ok(wait >= full / 2 && wait <= full, `${attempt}: ${wait}`);
        }
    }
});

test("waits as long as Retry-After requests, in seconds or until a date, but not longer than allowed", () => {
    const wait = (after: string) =>
        delayBefore(1, retryDefaults, {
            status: 429,
            headers: { "retry-after": after },
            body: "",
        });
    assert.equal(wait("0"), 0);
    assert.equal(wait("15"), 15_000);
    assert.equal(wait("16"), undefined);
    assert.equal(wait("Thu, 01 Jan 1970 00:00:00 GMT"), 0);
    assert.equal(wait(new Date(Date.now() + 60_000).toUTCString()), undefined);
    const soon = wait(new Date(Date.now() + 5000).toUTCString()) ?? 0;
    assert.ok(soon > 3000 && soon <= 5000, `${soon}`);
    // Neither: the usual wait.
    assert.ok((wait("1.5 s") ?? 0) >= 125);
});

test("ends a wait when the run is cancelled, also before it begins", async () => {
    const controller = new AbortController();
    const waiting = sleep(60_000, controller.signal);
    controller.abort();
    await assert.rejects(waiting, { kind: Cancelled, reason: "cancelled" });
    await assert.rejects(sleep(60_000, controller.signal), { kind: Cancelled });
    await sleep(1, new AbortController().signal);
});

test("waits between half and all of a step, 250 ms first, in at most five attempts", (context) => {
    assert.deepEqual(retryDefaults, {
        attemptsMax: 5,
        delayMs: 250,
        delayMaxMs: 15_000,
        loginLockMs: 1700,
    });
    for (const [random, expected] of [
        [0, 125],
        [0.5, 187.5],
        [1, 250],
    ] as const) {
        const { mock } = context.mock.method(Math, "random", () => random);
        assert.equal(delayBefore(1, retryDefaults), expected);
        mock.restore();
    }
});

test("a wait that is over no longer listens for the end of the run", async () => {
    const { signal } = new AbortController();
    const listeners = () => getEventListeners(signal, "abort").length;
    const waiting = sleep(1, signal);
    assert.equal(listeners(), 1);
    await waiting;
    assert.equal(listeners(), 0);
});
