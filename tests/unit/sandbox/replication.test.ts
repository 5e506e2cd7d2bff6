import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { faultOf, startTestHarbor, type TestHarbor } from "./testHarbor";

let harbor: TestHarbor;
let upstream: Server;
const policies = "/replication/policies";

before(async () => {
    harbor = await startTestHarbor();
    upstream = createServer((_, response) => response.end("{}"));
    await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
    const { port } = upstream.address() as AddressInfo; // a TCP server that listens has a port
    const registry = { name: "hub", type: "docker-registry", url: `http://127.0.0.1:${port}` };
    assert.equal((await harbor.api("POST", "/registries", registry)).status, 201);
});
after(async () => {
    upstream.close();
    await harbor.close();
});

const policy = (name: string, more: object = {}) => ({
    name,
    src_registry: { id: 1 },
    trigger: { type: "manual" },
    ...more,
});

test("shows a policy with both registries, without false and empty fields", async () => {
    const made = await harbor.api("POST", policies, policy("first", { dest_namespace: "library" }));
    assert.equal(made.status, 201);
    const place = made.headers.get("location") ?? "";
    assert.match(place, /^\/api\/v2\.0\/replication\/policies\/\d+$/);
    const { json } = await harbor.api("GET", place.replace("/api/v2.0", ""));
    const { src_registry, dest_registry, ...rest } = json as Record<
        string,
        Record<string, unknown>
    >; // a policy
    assert.equal(src_registry?.["name"], "hub");
    assert.deepEqual(
        [dest_registry?.["id"], dest_registry?.["name"], dest_registry?.["credential"]],
        [0, "Local", { access_secret: "*****", type: "secret" }],
    );
    assert.deepEqual(Object.keys(rest).sort(), [
        "copy_by_chunk",
        "creation_time",
        "dest_namespace",
        "dest_namespace_replace_count",
        "filters",
        "id",
        "name",
        "single_active_replication",
        "speed",
        "trigger",
        "update_time",
    ]);
    assert.equal(rest["dest_namespace_replace_count"], -1);
    assert.deepEqual(rest["trigger"], { type: "manual" });
});

test("replaces the whole policy in an update", async () => {
    const full = policy("whole", { enabled: true, override: true, description: "d", speed: 5 });
    const made = await harbor.api("POST", policies, full);
    const path = (made.headers.get("location") ?? "").replace("/api/v2.0", "");
    assert.equal((await harbor.api("PUT", path, policy("whole"))).status, 200);
    const { json } = await harbor.api("GET", path);
    const kept = json as Record<string, unknown>; // a policy
    assert.deepEqual(
        [kept["enabled"], kept["override"], kept["description"], kept["speed"]],
        [undefined, undefined, undefined, 0],
    );
    assert.equal((await harbor.api("DELETE", path)).status, 200);
    assert.equal((await harbor.api("DELETE", path)).status, 404);
});

test("rejects what Harbor refuses in Harbor's words", async () => {
    const cron = (text: string) => ({
        trigger: { type: "scheduled", trigger_settings: { cron: text } },
    });
    const filter = (one: object) => ({ filters: [one] });
    const cases: readonly [object, number, string][] = [
        [policy(""), 400, "empty name"],
        [
            policy("x", { dest_registry: { id: 1 } }),
            400,
            "either src_registry or dest_registry should be empty and the other one shouldn't be empty",
        ],
        [policy("x", { src_registry: { id: 9 } }), 404, "registry 9 not found"],
        [
            policy("x", cron("0 * * * * *")),
            400,
            "* is not allowed for the Minutes field of the cron setting of replication policy",
        ],
        [policy("x", cron("* * *")), 400, "invalid cron string for scheduled trigger: * * *"],
        [policy("x", { trigger: { type: "x" } }), 400, "invalid trigger type"],
        [policy("x", { dest_namespace: "Shop" }), 400, "invalid destination namespace: Shop"],
        [policy("x", filter({ type: "x", value: "" })), 400, "invalid filter type"],
        [
            policy("x", filter({ type: "name", value: "a", decoration: "excludes" })),
            400,
            "only tag and label filter support decoration",
        ],
        [
            policy("x", filter({ type: "resource", value: "chart" })),
            400,
            "invalid resource filter: chart",
        ],
        [
            policy("x", filter({ type: "label", value: "a" })),
            400,
            "the type of label filter value isn't string slice",
        ],
        [
            policy("x", {
                trigger: { type: "event_based" },
                single_active_replication: true,
            }),
            500,
            "internal server error",
        ],
        [policy("first"), 409, "replication policy first already exists"],
    ];
    for (const [body, status, message] of cases) {
        const answer = await harbor.api("POST", policies, body);
        assert.deepEqual([answer.status, faultOf(answer).message], [status, message]);
    }
});

test("answers 501 to a run, and 412 for a disabled policy as Harbor does", async () => {
    const run = async (name: string, enabled: boolean) => {
        const made = await harbor.api("POST", policies, policy(name, { enabled }));
        const id = Number((made.headers.get("location") ?? "").split("/").pop());
        const answer = await harbor.api("POST", "/replication/executions", { policy_id: id });
        return [answer.status, faultOf(answer).message.replace(String(id), "N")];
    };
    assert.deepEqual(await run("off", false), [412, "the policy N is disabled"]);
    assert.deepEqual(await run("on", true), [
        501,
        "the sandbox does not do this: running a replication; its policies are kept; use a real Harbor for it",
    ]);
    assert.deepEqual((await harbor.api("GET", "/replication/executions")).json, []);
});

test("keeps a registry while a policy refers to it", async () => {
    const answer = await harbor.api("DELETE", "/registries/1");
    assert.deepEqual(
        [answer.status, faultOf(answer).message],
        [412, "the registry 1 is referenced by replication policies, cannot delete it"],
    );
});
