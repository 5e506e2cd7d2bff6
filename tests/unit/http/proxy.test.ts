import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, request, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { HarborClient } from "../../../src/harbor/client";
import { ensureCertificates } from "../../../tools/sandbox/certificates";

describe("requests to Harbor behind a proxy", () => {
    const servers: Server[] = [];
    const asked: string[] = [];
    let folder: string;
    let plainPort: number;
    let proxy: string;

    async function listen(server: Server): Promise<number> {
        servers.push(server);
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        return (server.address() as AddressInfo).port; // a TCP server that listens has a port
    }

    before(async () => {
        plainPort = await listen(createServer((_, response) => response.end("{}")));
        folder = await mkdtemp(join(tmpdir(), "harbor-proxy-"));
        const { certificateFile, keyFile } = await ensureCertificates(folder);
        const pair = { cert: await readFile(certificateFile), key: await readFile(keyFile) };
        const securePort = await listen(createTlsServer(pair, (_, response) => response.end("{}")));
        // Forwards requests for every host to the servers above.
        const server = createServer(({ method, url = "", headers }, response) => {
            asked.push(`${method} ${url}`);
            const { pathname: path } = new URL(url);
            request({ port: plainPort, method, path, headers }, (answer) =>
                answer.pipe(response),
            ).end();
        });
        server.on("connect", ({ url }, socket) => {
            asked.push(`CONNECT ${url}`);
            const harbor = connect(securePort, "127.0.0.1", () => {
                socket.write("HTTP/1.1 200 OK\r\n\r\n");
                harbor.pipe(socket).pipe(harbor);
            });
        });
        proxy = `http://127.0.0.1:${await listen(server)}`;
    });
    beforeEach(() => {
        asked.length = 0;
    });
    after(async () => {
        await rm(folder, { recursive: true });
        for (const server of servers) {
            server.close();
            server.closeAllConnections();
        }
    });

    async function ask(url: string, env: NodeJS.ProcessEnv): Promise<void> {
        const retry = { attemptsMax: 1 };
        const client = new HarborClient({ url, env, retry, verifyTls: false });
        try {
            await client.get("/systeminfo");
        } finally {
            client.close();
        }
    }

    test("go through HTTP_PROXY and HTTPS_PROXY", async () => {
        await ask("http://harbor.test", { HTTP_PROXY: proxy });
        await ask("https://harbor.test", { HTTPS_PROXY: proxy });
        assert.deepEqual(asked, [
            "GET http://harbor.test/api/v2.0/systeminfo",
            "CONNECT harbor.test:443",
        ]);
    });

    test("go through the proxy to hosts whose names begin like this machine", async () => {
        await ask("http://localhost.harbor.test", { HTTP_PROXY: proxy });
        await ask("http://127.harbor.test", { HTTP_PROXY: proxy });
        assert.deepEqual(asked, [
            "GET http://localhost.harbor.test/api/v2.0/systeminfo",
            "GET http://127.harbor.test/api/v2.0/systeminfo",
        ]);
    });

    test("reach hosts of NO_PROXY and this machine directly", async () => {
        await ask(`http://127.0.0.1:${plainPort}`, { HTTP_PROXY: proxy });
        await assert.rejects(
            ask("http://harbor.test", { HTTP_PROXY: proxy, NO_PROXY: "harbor.test" }),
            /harbor\.test cannot be reached/,
        );
        assert.deepEqual(asked, []);
    });
});
