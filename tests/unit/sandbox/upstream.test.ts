import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { Upstream } from "../../../tools/sandbox/harbor/registry/upstream";
import { startTestHarbor } from "./testHarbor";

test("reconnects to a registry after its restart", async () => {
    const answer = (body: string) => createServer((_, outgoing) => outgoing.end(body));
    const first = answer("first");
    await new Promise<void>((resolve) => first.listen(0, "127.0.0.1", resolve));
    const { port } = first.address() as AddressInfo;
    const upstream = new Upstream(`http://127.0.0.1:${port}`);
    assert.equal((await upstream.fetch("GET", "/")).text, "first");
    first.closeAllConnections();
    await new Promise((resolve) => first.close(resolve));
    const second = answer("second");
    await new Promise<void>((resolve) => second.listen(port, "127.0.0.1", resolve));
    assert.equal((await upstream.fetch("GET", "/")).text, "second");
    upstream.close();
    second.close();
});

test("ends the registry's request when a client leaves in the middle of a blob", async () => {
    const registry = createServer((incoming, outgoing) => {
        if (incoming.method === "POST") {
            const Location = `http://${incoming.headers.host}${incoming.url}1`;
            outgoing.writeHead(202, { Location }).end();
        } else {
            registry.emit("upload", incoming);
            incoming.on("error", () => undefined).resume();
        }
    });
    await new Promise<void>((resolve) => registry.listen(0, "127.0.0.1", resolve));
    const { port } = registry.address() as AddressInfo;
    const harbor = await startTestHarbor({ upstreamUrl: `http://127.0.0.1:${port}` });
    const authorization = `Basic ${Buffer.from("admin:Harbor12345").toString("base64")}`;
    const headers = { authorization, "content-length": 1000 };
    const path = "/v2/library/app/blobs/uploads/1?digest=sha256:0";
    const sending = request(`${harbor.url}${path}`, { method: "PUT", headers });
    sending.on("error", () => undefined);
    const arrived = once(registry, "upload");
    sending.write("a part");
    const [incoming] = await arrived;
    const ended = new Promise((resolve) => incoming.once("close", resolve));
    sending.destroy();
    await ended;
    assert.equal(incoming.complete, false);
    await harbor.close();
    registry.closeAllConnections();
    registry.close();
});
