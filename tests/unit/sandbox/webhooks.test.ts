import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type MemoryRegistry, startMemoryRegistry } from "./memoryRegistry";
import { pushBlob, pushImage } from "./pusher";
import { startTestHarbor, type TestHarbor } from "./testHarbor";

interface Delivery {
    readonly headers: IncomingMessage["headers"];
    readonly body: { [key: string]: unknown };
}

let registry: MemoryRegistry;
let harbor: TestHarbor;
let receiver: Server;
let address: string;
let deliveries: Delivery[] = [];

before(async () => {
    registry = await startMemoryRegistry();
    harbor = await startTestHarbor({ upstreamUrl: registry.url });
    receiver = createServer((incoming, outgoing) => {
        let text = "";
        incoming.setEncoding("utf8");
        incoming.on("data", (chunk: string) => {
            text += chunk;
        });
        incoming.on("end", () => {
            deliveries.push({ headers: incoming.headers, body: JSON.parse(text) });
            outgoing.end();
        });
    });
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
    address = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/in`;
});
after(async () => {
    await harbor.close();
    await registry.close();
    receiver.closeAllConnections();
    receiver.close();
});

async function received(count: number): Promise<readonly Delivery[]> {
    const deadline = Date.now() + 5000;
    while (deliveries.length < count && Date.now() < deadline) {
        await sleep(10);
    }
    const taken = deliveries;
    deliveries = [];
    assert.equal(taken.length, count);
    return taken;
}

async function newHook(
    project: string,
    target: object,
    events: string[],
    limit = -1,
): Promise<void> {
    const content = { project_name: project, storage_limit: limit };
    await harbor.api("POST", "/projects", content);
    const made = await harbor.api("POST", `/projects/${project}/webhook/policies`, {
        name: "hook",
        enabled: true,
        event_types: events,
        targets: [{ type: "http", address, skip_cert_verify: true, ...target }],
    });
    assert.equal(made.status, 201);
}

test("notifies webhooks of pushes, pulls and deletions as Harbor does, with the given secret", async () => {
    const events = ["PUSH_ARTIFACT", "PULL_ARTIFACT", "DELETE_ARTIFACT"];
    await newHook("told", { auth_header: "Bearer s3cret" }, events);
    const { digest } = await pushImage(harbor, "told/app", "v1", "layer");
    await harbor.send("GET", "/v2/told/app/manifests/v1", { as: "admin" });
    await harbor.api("DELETE", "/projects/told/repositories/app/artifacts/v1");
    const taken = await received(3);
    assert.deepEqual(taken.map(({ body }) => body["type"]).sort(), [...events].sort());
    const push = taken.find(({ body }) => body["type"] === "PUSH_ARTIFACT");
    assert.equal(push?.headers.authorization, "Bearer s3cret");
    const { occur_at: at, event_data: data, ...rest } = push?.body ?? {};
    assert.equal(typeof at, "number");
    assert.deepEqual(rest, { type: "PUSH_ARTIFACT", operator: "admin" });
    const { repository, resources } = data as { repository: object; resources: object[] };
    const host = new URL(harbor.url).host;
    assert.deepEqual(resources, [{ digest, tag: "v1", resource_url: `${host}/told/app:v1` }]);
    const { date_created: made, ...named } = repository as { date_created: number };
    assert.equal(typeof made, "number");
    assert.deepEqual(named, {
        name: "app",
        namespace: "told",
        repo_full_name: "told/app",
        repo_type: "private",
    });
});

test("sends cloud events with their own envelope and content type", async () => {
    await newHook("clouds", { payload_format: "CloudEvents" }, ["PUSH_ARTIFACT"]);
    await pushImage(harbor, "clouds/app", "v1", "layer");
    const [event] = await received(1);
    assert.equal(event?.headers["content-type"], "application/cloudevents+json");
    assert.equal(event?.body["specversion"], "1.0");
    assert.equal(event?.body["type"], "harbor.artifact.pushed");
});

test("notifies webhooks of a push above the quota", async () => {
    await newHook("full", {}, ["QUOTA_EXCEED"], 10);
    await pushBlob(harbor, "full/app", "more than ten bytes");
    const [event] = await received(1);
    assert.equal(event?.body["type"], "QUOTA_EXCEED");
});

test("does not notify a webhook that is disabled or asks for other events", async () => {
    await newHook("quiet", {}, ["DELETE_ARTIFACT"]);
    await pushImage(harbor, "quiet/app", "v1", "layer");
    await harbor.api("PUT", "/configurations", { notification_enable: false });
    await harbor.api("DELETE", "/projects/quiet/repositories/app/artifacts/v1");
    await sleep(100);
    await received(0);
    await harbor.api("PUT", "/configurations", { notification_enable: true });
});
