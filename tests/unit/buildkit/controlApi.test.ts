import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { ControlApi } from "../../../src/buildkit/controlApi";
import { encode } from "../../../src/buildkit/message";

/** Starts a server that answers calls, and connects a client. */
async function client(answer: (stream: ServerHttp2Stream, path: string) => void) {
    const server = createServer();
    server.on("stream", (stream, headers) => {
        stream.on("error", () => undefined);
        answer(stream, String(headers[":path"]));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    // With a port, the address is an object.
    const { port } = server.address() as AddressInfo;
    const api = new ControlApi({ target: `dns:127.0.0.1:${port}`, fault: () => "" });
    return { api, close: () => server.close() };
}

const frame = (message: Buffer) =>
    Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]);

test("returns all messages of the stream", async () => {
    const { api, close } = await client((stream, path) => {
        stream.respond({ ":status": 200 }, { waitForTrailers: true });
        stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
        stream.write(frame(encode({ 1: path })));
        stream.end(frame(encode({ 1: "second" })));
    });
    const messages = await api.call("Status", encode({ 1: "ref" }), 2000);
    assert.deepEqual(
        messages.map((message) => message.text(1)),
        ["/moby.buildkit.v1.Control/Status", "second"],
    );
    close();
});

test("fails with BuildKit's reason for a refused call", async () => {
    const { api, close } = await client((stream) => {
        stream.respond(
            { ":status": 200, "grpc-status": "5", "grpc-message": "no such build" },
            { endStream: true },
        );
    });
    await assert.rejects(api.call("Status", encode({}), 2000), {
        message: "5 NOT_FOUND: no such build",
    });
    close();
});

test("fails with an answer that is no message", async () => {
    const { api, close } = await client((stream) => {
        stream.respond({ ":status": 200 }, { waitForTrailers: true });
        stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
        stream.end(frame(Buffer.from([0x0a, 5, 0x61])));
    });
    await assert.rejects(api.call("Status", encode({}), 2000), {
        message: /Response message parsing error/,
    });
    close();
});

test("ends a call without an answer after its time limit", async () => {
    const { api, close } = await client(() => undefined);
    await assert.rejects(api.call("Status", encode({}), 50), { message: "no answer in 50 ms" });
    close();
});

test("fails with the reason when the connection cannot be opened", async () => {
    const api = new ControlApi({ target: "unix:/no/such/socket", fault: () => "" });
    await assert.rejects(api.call("Status", encode({}), 2000), /ENOENT/);
});
