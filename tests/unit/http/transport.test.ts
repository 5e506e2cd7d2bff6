import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Server, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, before, describe, test } from "node:test";
import { atOnce, GradualCancellation } from "../../../src/http/cancellation";
import { goDistrust, knowsGoTrust } from "../../../src/http/goTrust";
import { isLoopback } from "../../../src/http/loopback";
import { Transport, type TransportOptions } from "../../../src/http/transport";
import { ensureCertificates } from "../../../tools/sandbox/certificates";

const usual: TransportOptions = { requestTimeoutMs: 5000, bodyBytesMax: 1000, env: {} };

describe("a transport", () => {
    const servers: Server[] = [];
    const transports: Transport[] = [];
    let folder: string;
    let caFile: string;
    let pair: { cert: Buffer; key: Buffer };
    before(async () => {
        folder = await mkdtemp(join(tmpdir(), "hb-transport-"));
        const made = await ensureCertificates(folder);
        caFile = made.caFile;
        pair = { cert: await readFile(made.certificateFile), key: await readFile(made.keyFile) };
    });
    after(async () => {
        for (const transport of transports) transport.close();
        for (const server of servers) server.close();
        await rm(folder, { recursive: true });
    });

    async function listen(server: Server): Promise<number> {
        servers.push(server);
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        return (server.address() as AddressInfo).port; // a TCP server that listens has a port
    }
    const serve = async (listener: RequestListener) =>
        `http://127.0.0.1:${await listen(createServer(listener))}`;
    const asked: string[] = [];
    const serveSecure = async () =>
        `https://127.0.0.1:${await listen(
            createSecureServer(pair, ({ method, url }, answer) => {
                asked.push(`${method} ${url}`);
                answer.end("ok");
            }),
        )}`;
    function open(options: Partial<TransportOptions> = {}): Transport {
        const transport = new Transport({ ...usual, ...options });
        transports.push(transport);
        return transport;
    }
    const get = (url: string) => ({ method: "GET", url: new URL(url), headers: {} });

    test("accepts an answer up to the limit, and no longer one", async () => {
        const url = await serve(({ url: path = "" }, answer) =>
            answer.end("x".repeat(Number(path.slice(1)))),
        );
        const transport = open();
        const answer = await transport.send(get(`${url}/1000`));
        assert.equal(answer.body.length, 1000);
        assert.equal(answer.status, 200);
        await assert.rejects(transport.send(get(`${url}/1001`)), {
            kind: "protocol",
            reason: "answer is longer than 1000 bytes",
            ambiguous: true,
            url: `${url}/1001`,
        });
    });

    test("ends a request without an answer in time, which may have reached the server", async () => {
        const url = await serve(() => {});
        await assert.rejects(open({ requestTimeoutMs: 20 }).send(get(url)), {
            kind: "timeout",
            message: `no answer within 20 ms (GET ${url}/)`,
            ambiguous: true,
        });
        await assert.rejects(open().send({ ...get(url), signal: AbortSignal.timeout(10) }), {
            kind: "cancelled",
            reason: "cancelled before Harbor had answered",
        });
    });

    test("refuses a change of the protocol, which Node.js reports as no answer", async () => {
        const url = await serve(({ socket }) => {
            socket.write("HTTP/1.1 101 x\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n");
        });
        await assert.rejects(open().send(get(url)), {
            kind: "protocol",
            status: 101,
            message: `it answered 101 to a request that asked for no other protocol (GET ${url}/)`,
        });
    });

    test("names the server in messages", async () => {
        const url = await serve(({ socket }) => socket.destroy());
        await assert.rejects(open({ peer: "the registry" }).send(get(url)), {
            reason: `the connection to the registry at ${url} broke: socket hang up (ECONNRESET)`,
        });
    });

    test("sends a text with its length in bytes, and a stream with the length in the headers", async () => {
        const received: unknown[] = [];
        const url = await serve((request, answer) => {
            void textOf(request).then((text) => {
                const { "content-length": length, authorization } = request.headers;
                received.push([request.method, length, authorization, text]);
                answer.writeHead(201, { location: "/x" }).end();
            });
        });
        const transport = open();
        const headers = { authorization: "Basic x", "content-length": "3" };
        const post = { method: "POST", url: new URL(url), headers: { authorization: "Basic x" } };
        const { status, headers: answered } = await transport.send({ ...post, body: "é" });
        assert.deepEqual([status, answered.location], [201, "/x"]);
        await transport.send({ ...post, headers, body: Readable.from(["a", "bc"]) });
        await transport.send(get(url));
        assert.deepEqual(received, [
            ["POST", "2", "Basic x", "é"],
            ["POST", "3", "Basic x", "abc"],
            ["GET", undefined, undefined, ""],
        ]);
    });

    test("ends a request whose source fails", async () => {
        const url = await serve(() => {});
        const body = Readable.from(
            (async function* () {
                yield "a";
                throw new Error("the disk is gone");
            })(),
        );
        await assert.rejects(
            open().send({ ...get(url), method: "PUT", headers: { "content-length": "9" }, body }),
            /the disk is gone/,
        );
    });

    test("uses one connection again, at most 16 at a time, and closes them", async () => {
        const sockets = new Set<Socket>();
        let open16 = 0;
        const waiting: (() => void)[] = [];
        const url = await serve(({ socket, url: path }, answer) => {
            sockets.add(socket);
            if (path === "/now") {
                answer.end();
                return;
            }
            waiting.push(() => answer.end());
            open16 = Math.max(open16, waiting.length);
            // Later, so that a 17th request would arrive before.
            if (waiting.length >= 16) setTimeout(() => waiting.splice(0).map((end) => end()), 50);
        });
        const transport = open();
        await transport.send(get(`${url}/now`));
        await transport.send(get(`${url}/now`));
        assert.equal(sockets.size, 1);
        await Promise.all(Array.from({ length: 32 }, () => transport.send(get(`${url}/wait`))));
        assert.equal(open16, 16);
        assert.equal(sockets.size, 16);
        const closed = [...sockets].map(
            (socket) => new Promise((resolve) => socket.once("close", resolve)),
        );
        transport.close();
        await Promise.all(closed);
    });

    test("does not verify one origin's certificate, and verifies all others", async () => {
        const [first, second] = [await serveSecure(), await serveSecure()];
        const transport = open({ insecureOrigin: first });
        assert.equal((await transport.send(get(first))).body, "ok");
        await assert.rejects(transport.send(get(second)), { kind: "tls" });
        const env = { NODE_EXTRA_CA_CERTS: caFile };
        assert.equal((await open({ env }).send(get(second))).body, "ok");
    });

    test("finds why Go programs do not trust a server", async () => {
        const url = await serveSecure();
        asked.length = 0;
        const closed = await serve(() => {});
        servers.at(-1)?.close();
        const hanging = await serve(() => {});
        const why = async (origin: string, env: NodeJS.ProcessEnv, timeoutMs = 5000) =>
            (await goDistrust(origin, { env, timeoutMs }))?.what;
        const unknown = "its certificate comes from an unknown certificate authority";
        assert.equal(await why(url, {}), unknown);
        assert.equal(await why(url, { NODE_EXTRA_CA_CERTS: caFile }), unknown);
        assert.deepEqual(asked, []);
        assert.equal(await why(url, { SSL_CERT_FILE: caFile }), undefined);
        assert.deepEqual(asked, ["GET /v2/"]);
        assert.equal(await why(closed, {}), undefined);
        assert.equal(await why(hanging, {}, 20), undefined);
        const missing = { SSL_CERT_FILE: join(folder, "missing.pem") };
        assert.equal(await why(url, missing), undefined);
        assert.equal(knowsGoTrust("linux"), true);
        assert.equal(knowsGoTrust("darwin"), false);
        assert.equal(knowsGoTrust("win32"), false);
    });
});

async function textOf(request: IncomingMessage): Promise<string> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks).toString();
}

test("recognises this machine's names and addresses", () => {
    for (const name of ["localhost", "127.0.0.1", "127.255.255.255", "[::1]"]) {
        assert.equal(isLoopback(name), true, name);
    }
    for (const name of [
        "localhost.test",
        "my.localhost",
        "127.0.0.1.test",
        "1127.0.0.1",
        "127.0.0.1111",
        "127.0.0",
        "127a0b0c1",
        "[::12]",
        "LOCALHOST",
    ]) {
        assert.equal(isLoopback(name), false, name);
    }
});

test("a cancellation ends waits at once, then writes, then reads", (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    for (const [cancellation, writesMs, readsMs] of [
        [new GradualCancellation(), 2000, 6000],
        [new GradualCancellation({ writesMs: 10, readsMs: 30 }), 10, 30],
    ] as const) {
        const ended = () => {
            const { waits, writes, reads } = cancellation;
            return [waits, writes, reads].map(({ aborted }) => aborted);
        };
        assert.deepEqual(ended(), [false, false, false]);
        cancellation.cancel();
        context.mock.timers.tick(writesMs - 1);
        assert.deepEqual(ended(), [true, false, false]);
        context.mock.timers.tick(1);
        assert.deepEqual(ended(), [true, true, false]);
        context.mock.timers.tick(readsMs - writesMs - 1);
        assert.deepEqual(ended(), [true, true, false]);
        context.mock.timers.tick(1);
        assert.deepEqual(ended(), [true, true, true]);
    }
});

test("a cancellation of callers that change nothing ends everything at once", () => {
    const { signal } = new AbortController();
    assert.deepEqual(atOnce(signal), { waits: signal, writes: signal, reads: signal });
});
