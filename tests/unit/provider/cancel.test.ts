import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { getProject } from "../../../src/harbor/project";
import { answer, hang } from "../../support/faultyProxy";
import { type ProviderBench, startProviderBench } from "../../support/providerBench";

const project = "harbor:index/project:Project";
const robot = "harbor:index/robotAccount:RobotAccount";
const accesses = [{ resource: "repository", action: "pull" }];

/** Less than any wait that a cancellation cuts short, and enough for a busy machine. */
const soonMs = 10_000;

describe("a cancellation", () => {
    let bench: ProviderBench;
    beforeEach(async () => {
        bench = await startProviderBench();
    });
    afterEach(() => bench.close());

    /** Cancels once Harbor has been asked this. */
    async function cancelWhenAsked(method: string, path: string): Promise<void> {
        const asked = () =>
            bench.proxy.passed.some((one) => one.method === method && one.path.includes(path));
        while (!asked()) await wait(5);
        await bench.plugin.cancel();
    }

    test("ends a read at once", async () => {
        bench.proxy.inject({ method: "GET", path: "/projects/4242", act: hang });
        const reading = assert.rejects(bench.plugin.read(project, "/projects/4242"), {
            message: "cancelled",
        });
        await cancelWhenAsked("GET", "/projects/4242");
        const started = Date.now();
        await reading;
        assert.ok(Date.now() - started < soonMs);
    });

    test("starts nothing new", async () => {
        await bench.plugin.cancel();
        await assert.rejects(bench.plugin.create(project, { name: "late" }), {
            message: "cancelled",
        });
        assert.deepEqual(bench.takeRequests(), []);
    });

    test("lets a creation finish that Harbor answers in time, with its further requests", async () => {
        const permissions = [{ kind: "project", namespace: "*", accesses }];
        const inputs = { name: "whole", level: "system", permissions, secret: "ChosenSecret1" };
        bench.proxy.inject({
            method: "POST",
            path: "/robots",
            afterwards: true,
            act: (response, own) => {
                void bench.plugin
                    .cancel()
                    .then(() => wait(200))
                    .then(() => {
                        answer(own?.status ?? 0, own?.body)(response);
                    });
            },
        });
        const { id } = await bench.plugin.create(robot, inputs);
        assert.match(id, /^\/robots\/\d+$/);
        const sent = bench.takeRequests().map((line) => line.replace(/\d+/, "N"));
        assert.deepEqual(sent.slice(1), ["POST /robots", "PATCH /robots/N"]);
    });

    test("looks up the result of a creation without an answer, and keeps it", async () => {
        bench.proxy.inject({ method: "POST", path: "/projects", afterwards: true, act: hang });
        const creating = bench.plugin.create(project, { name: "kept" });
        await cancelWhenAsked("POST", "/projects");
        const { id } = await creating;
        const found = await getProject(bench.harbor.client(), "kept");
        assert.equal(id, `/projects/${found?.id}`);
    });

    test("reports a creation that Harbor never saw as cancelled, and does not repeat it", async () => {
        bench.proxy.inject({ method: "POST", path: "/projects", act: hang });
        const creating = assert.rejects(bench.plugin.create(project, { name: "never" }), {
            message: /^cancelled before Harbor had answered \(POST \S+\/projects\)$/,
        });
        await cancelWhenAsked("POST", "/projects");
        await creating;
        const posts = bench.takeRequests().filter((line) => line.startsWith("POST"));
        assert.deepEqual(posts, ["POST /projects"]);
    });

    test("does not wait for a second attempt", async () => {
        bench.proxy.inject({
            method: "POST",
            path: "/projects",
            act: answer(429, "", { "retry-after": "14" }),
        });
        const creating = assert.rejects(bench.plugin.create(project, { name: "busy" }), {
            message: "cancelled",
        });
        await cancelWhenAsked("POST", "/projects");
        const started = Date.now();
        await creating;
        assert.ok(Date.now() - started < soonMs);
    });
});
