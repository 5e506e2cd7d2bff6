import { once } from "node:events";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";

/**
 * Starts a BuildKit before the tests of a file, and ends it after them.
 *
 * @param answer the messages that answer a request; `path` names the service and its method
 * @returns an environment with this BuildKit as the only builder, once the tests run.
 */
export function historyServer(
    answer: (path: string, request: Buffer) => readonly Buffer[],
): NodeJS.ProcessEnv {
    const env: NodeJS.ProcessEnv = {};
    const server = createServer();
    before(async () => {
        server.on("stream", (stream, headers) => {
            stream.respond({ ":status": 200 }, { waitForTrailers: true });
            stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
            stream.once("data", (request: Buffer) => {
                for (const message of answer(headers[":path"] ?? "", request)) {
                    stream.write(framed(message));
                }
                stream.end();
            });
        });
        server.listen(0, "127.0.0.1");
        await once(server, "listening");
        const folder = mkdtempSync(join(tmpdir(), "hb-buildx-"));
        mkdirSync(join(folder, "instances"));
        // With a port, the address is an object.
        const endpoint = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
        const instance = { Driver: "remote", Nodes: [{ Endpoint: endpoint }] };
        writeFileSync(join(folder, "instances", "b"), JSON.stringify(instance));
        env["BUILDX_CONFIG"] = folder;
    });
    after(() => server.close());
    return env;
}

/** A message in a frame of gRPC. */
function framed(message: Buffer): Buffer {
    const frame = Buffer.alloc(5);
    frame.writeUInt32BE(message.length, 1);
    return Buffer.concat([frame, message]);
}
