import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { BuilderHistory } from "../../../src/buildkit/builderHistory";
import { encode } from "../../../src/buildkit/message";

/** A build in the history of the server: its ref and the reference of its image. */
type Build = readonly [ref: string, image: string];

let builds: readonly Build[] = [];
const server = createServer();
const env: NodeJS.ProcessEnv = {};

/** A message as a field of another one; all of its bytes are ASCII. */
const nested = (fields: Readonly<Record<number, string | number>>) => encode(fields).toString();

/** A message in a frame of gRPC. */
function framed(message: Buffer): Buffer {
    return Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]);
}

/** A BuildHistoryEvent of a completed build, with its exporter's attribute `name`. */
function completed([ref, image]: Build): Buffer {
    const exporter = nested({ 2: nested({ 1: "name", 2: image }) });
    return framed(encode({ 1: 1, 2: nested({ 1: ref, 4: exporter }) }));
}

/** A StatusResponse with one vertex that is named after the build. */
function vertexOf(request: Buffer): Buffer {
    const ref = request.subarray(7).toString();
    return framed(encode({ 1: nested({ 1: "sha256:1", 3: `step of ${ref}`, 4: 1 }) }));
}

before(async () => {
    server.on("stream", (stream, headers) => {
        stream.respond({ ":status": 200 }, { waitForTrailers: true });
        stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
        stream.once("data", (request: Buffer) => {
            const isList = headers[":path"]?.endsWith("/ListenBuildHistory");
            for (const answer of isList ? builds.map(completed) : [vertexOf(request)]) {
                stream.write(answer);
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

async function foundStep(history: BuilderHistory, reference: string) {
    const found = await history.find([reference]);
    return "reason" in found ? found.reason : found.vertices.map(({ name }) => name).join();
}

test("finds a build that completed while another image was about to be built", async () => {
    const history = new BuilderHistory(env);
    builds = [];
    await history.remember(["one"]);
    builds = [["build-of-one", "one"]];
    await history.remember(["two"]);
    assert.equal(await foundStep(history, "one"), "step of build-of-one");
});

test("does not take an earlier build of an image for the next one", async () => {
    const history = new BuilderHistory(env);
    builds = [["old", "one"]];
    await history.remember(["one"]);
    assert.equal(await foundStep(history, "one"), "no builder has a record of this build");
    builds = [
        ["old", "one"],
        ["new", "one,other"],
    ];
    assert.equal(await foundStep(history, "other"), "step of new");
});
