import assert from "node:assert/strict";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type MemoryRegistry, startMemoryRegistry } from "./memoryRegistry";
import { pushImage } from "./pusher";
import { faultOf, startTestHarbor, type TestHarbor } from "./testHarbor";

const docker = "application/vnd.docker.distribution.manifest.v2+json";
const oci = "application/vnd.oci.image.manifest.v1+json";
const report = "application/vnd.security.vulnerability.report; version=1.1";

let registry: MemoryRegistry;
let harbor: TestHarbor;
let adapter: Server;
let address: string;
/** The adapter's metadata. */
let metadata: object;
/** Orders to scan that wait for their answer. */
const orders: { readonly body: string; readonly response: ServerResponse }[] = [];

const capable = (consumes: readonly string[], produces = [report]): object => ({
    scanner: { name: "Tester", vendor: "tests", version: "1.0" },
    capabilities: [{ consumes_mime_types: consumes, produces_mime_types: produces }],
});

before(async () => {
    registry = await startMemoryRegistry();
    harbor = await startTestHarbor({ upstreamUrl: registry.url });
    adapter = createServer(async (request, response) => {
        if (request.url === "/api/v1/metadata") {
            response.end(JSON.stringify(metadata));
            return;
        }
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer); // no encoding is set
        orders.push({ body: Buffer.concat(chunks).toString("utf8"), response });
    });
    await new Promise<void>((resolve) => adapter.listen(0, "127.0.0.1", resolve));
    address = `http://127.0.0.1:${(adapter.address() as AddressInfo).port}`; // a TCP server has a port
});
after(async () => {
    adapter.closeAllConnections();
    adapter.close();
    await harbor.close();
    await registry.close();
});

const registration = () => harbor.api("POST", "/scanners", { name: "tester", url: address });

test("refuses a scanner whose metadata Harbor refuses", async () => {
    const scanner = { name: "Tester", vendor: "tests", version: "1.0" };
    for (const wrong of [
        capable([oci]),
        capable([docker], ["text/plain"]),
        { scanner, capabilities: [] },
        { ...capable([docker, oci]), scanner: { ...scanner, version: "" } },
    ]) {
        metadata = wrong;
        const refused = await registration();
        assert.deepEqual(
            [refused.status, faultOf(refused)],
            [500, { code: "UNKNOWN", message: "internal server error" }],
        );
    }
});

const blocked = async (): Promise<string> => {
    const answer = await harbor.send("GET", "/v2/guarded/app/manifests/v1", { as: "admin" });
    assert.equal(answer.status, 412);
    return faultOf(answer).message;
};

const refusal = (scan: string): string =>
    `current image ${scan} cannot be pulled due to configured policy in 'Prevent images with vulnerability severity of "High" or higher from running.' To continue with pull, please contact your project administrator for help.`;

/** Waits until the status is no longer that of a pending scan. */
async function settled(): Promise<string> {
    for (let attempt = 1; attempt <= 200; attempt += 1) {
        const message = await blocked();
        if (!message.includes("Pending")) return message;
        await sleep(10);
    }
    return blocked();
}

test("blocks an image with the status of the scan that its push started", async () => {
    metadata = capable([docker, oci]);
    assert.equal((await registration()).status, 201);
    const policy = { auto_scan: "true", prevent_vul: "true", severity: "high" };
    await harbor.api("POST", "/projects", { project_name: "guarded", metadata: policy });
    const { digest } = await pushImage(harbor, "guarded/app", "v1", "layer");
    assert.equal(await blocked(), refusal('with "Pending" status of vulnerability scanning'));
    assert.deepEqual(JSON.parse(orders[0]?.body ?? ""), {
        registry: { url: harbor.url },
        artifact: { repository: "guarded/app", digest, mime_type: oci },
    });
    orders[0]?.response.writeHead(404).end();
    assert.equal(await settled(), refusal('with "Error" status of vulnerability scanning'));

    await pushImage(harbor, "guarded/app", "v1", "layer");
    assert.equal(await blocked(), refusal('with "Pending" status of vulnerability scanning'));
    orders[1]?.response.writeHead(202).end("{}");
    assert.equal(await settled(), refusal('with "Running" status of vulnerability scanning'));
});

test("blocks an image that was never scanned, and allows one that no scanner can scan", async () => {
    await harbor.api("PUT", "/projects/guarded", { metadata: { auto_scan: "false" } });
    await pushImage(harbor, "guarded/app", "v1", "other layer");
    assert.equal(orders.length, 2);
    assert.equal(await blocked(), refusal("without vulnerability scanning"));
    metadata = capable([docker]);
    const passed = await harbor.send("GET", "/v2/guarded/app/manifests/v1", { as: "admin" });
    assert.equal(passed.status, 200);
});
