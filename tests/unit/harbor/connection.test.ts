import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { HarborClient } from "../../../src/harbor/client";
import { RequestError } from "../../../src/http/error";
import { trustFix } from "../../../src/http/trust";
import { ensureCertificates } from "../../../tools/sandbox/certificates";

async function listen(server: Server, host = "127.0.0.1"): Promise<number> {
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    return (server.address() as AddressInfo).port; // a TCP server that listens has a port
}

describe("a connection to Harbor", () => {
    let folder: string;
    let caFile: string;
    let secure: Server;
    let securePort: number;
    let plain: Server;
    let plainPort: number;
    before(async () => {
        folder = await mkdtemp(join(tmpdir(), "harbor-tls-"));
        const files = await ensureCertificates(folder);
        caFile = files.caFile;
        const cert = await readFile(files.certificateFile, "utf8");
        const key = await readFile(files.keyFile, "utf8");
        secure = createTlsServer({ cert, key }, (_, response) => response.end("{}"));
        plain = createServer((_, response) => response.end("{}"));
        securePort = await listen(secure);
        plainPort = await listen(plain);
    });
    after(async () => {
        secure.close();
        plain.close();
        await rm(folder, { recursive: true, force: true });
    });

    async function ask(url: string, options = {}): Promise<RequestError | undefined> {
        const client = new HarborClient({
            url,
            env: {},
            retry: { attemptsMax: 1 },
            ...options,
        });
        try {
            await client.get("/systeminfo");
            return undefined;
        } catch (error) {
            assert.ok(error instanceof RequestError, String(error));
            return error;
        } finally {
            client.close();
        }
    }

    test("does not trust an unknown authority, and the message says how to trust it", async () => {
        const error = await ask(`https://127.0.0.1:${securePort}`);
        assert.equal(error?.kind, "tls");
        const [what, fix] = error.reason.split(/(?<=\)\.) /);
        assert.match(
            what ?? "",
            /^https:\/\/127\.0\.0\.1:\d+ is not trusted: its certificate comes from an unknown certificate authority \(UNABLE_TO_\w+\)\.$/,
        );
        assert.equal(fix, trustFix("that authority's certificate"));
    });

    test("advises to correct the clock when the certificate is not valid yet", async (t) => {
        const own = await mkdtemp(join(folder, "future-"));
        const dayMs = 86_400_000;
        // The certificates begin a day before they are made.
        t.mock.timers.enable({ apis: ["Date"], now: Date.now() + dayMs + 600_000 });
        const files = await ensureCertificates(own);
        t.mock.timers.reset();
        const cert = await readFile(files.certificateFile, "utf8");
        const key = await readFile(files.keyFile, "utf8");
        const early = createTlsServer({ cert, key });
        const port = await listen(early);
        const error = await ask(`https://127.0.0.1:${port}`, {
            env: { SSL_CERT_FILE: files.caFile },
        });
        early.close();
        assert.equal(error?.kind, "tls");
        assert.match(
            error.reason,
            /: its certificate is not valid yet \(CERT_NOT_YET_VALID\)\. Fix: correct the clock of this machine, or wait$/,
        );
    });

    test("reports a certificate for another name, without advice on authorities", async () => {
        const files = await ensureCertificates(folder);
        const cert = await readFile(files.certificateFile, "utf8");
        const key = await readFile(files.keyFile, "utf8");
        const elsewhere = createTlsServer({ cert, key });
        const port = await listen(elsewhere, "127.0.0.2");
        const env = { SSL_CERT_FILE: caFile };
        const error = await ask(`https://127.0.0.2:${port}`, { env });
        elsewhere.close();
        assert.match(
            error?.reason ?? "",
            /is not trusted: its certificate is for another name \(ERR_TLS_CERT_ALTNAME_INVALID\)\. Fix: use a host name that the certificate covers$/,
        );
    });

    test("trusts an authority in a folder of SSL_CERT_DIR, as Go programs do", async () => {
        const env = { SSL_CERT_DIR: `/nowhere:${folder}` };
        assert.equal(await ask(`https://127.0.0.1:${securePort}`, { env }), undefined);
    });

    for (const variable of ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"]) {
        test(`trusts an authority in ${variable}`, async () => {
            const error = await ask(`https://127.0.0.1:${securePort}`, {
                env: { [variable]: caFile },
            });
            assert.equal(error, undefined);
        });
    }

    test("can turn verification off", async () => {
        const error = await ask(`https://127.0.0.1:${securePort}`, { verifyTls: false });
        assert.equal(error, undefined);
    });

    test("reports https to a server that speaks plain HTTP", async () => {
        const error = await ask(`https://127.0.0.1:${plainPort}`);
        assert.equal(error?.kind, "tls");
        assert.match(error.reason, /does not speak TLS; .* write http:\/\/ in the url$/);
    });

    test("reports a server that redirects plain HTTP to https", async () => {
        const redirecting = createServer((_, response) => {
            response.writeHead(308, { location: "https://harbor.example.com/" });
            response.end();
        });
        const port = await listen(redirecting);
        const error = await ask(`http://127.0.0.1:${port}`);
        redirecting.close();
        assert.equal(
            error?.reason,
            `http://127.0.0.1:${port} redirects plain HTTP to https; write https:// in the url`,
        );
    });

    test("reports nginx's answer to plain HTTP on its TLS port", async () => {
        const page = "<html><center>The plain HTTP request was sent to HTTPS port</center></html>";
        const nginx = createServer((_, response) => {
            response.writeHead(400);
            response.end(page);
        });
        const port = await listen(nginx);
        const error = await ask(`http://127.0.0.1:${port}`);
        nginx.close();
        assert.equal(
            error?.reason,
            `http://127.0.0.1:${port} speaks TLS; write https:// in the url`,
        );
    });

    for (const [what, status, body, answered] of [
        [
            "JSON of another program",
            404,
            '{"message":"no route"}',
            'it answered 404: {"message":"no route"}',
        ],
        ["plain text", 404, "404 page not found\n", "it answered 404: 404 page not found"],
        [
            "a web page",
            405,
            "<html><h1>Not Allowed</h1></html>",
            "it answered 405: an HTML page: Not Allowed",
        ],
        ["a web page with status 200", 200, "<!doctype html>", "it answered with a web page"],
    ] as const) {
        test(`does not count a server that answers with ${what} as a Harbor`, async () => {
            const other = createServer((_, response) => {
                response.writeHead(status);
                response.end(body);
            });
            const url = `http://127.0.0.1:${await listen(other)}`;
            const error = await ask(url, { username: "u", password: "p" });
            other.close();
            assert.equal(error?.kind, "notHarbor");
            assert.equal(
                error.reason,
                `${url} does not look like a Harbor server: ${answered}. Give the address of Harbor's portal, https://host[:port]`,
            );
        });
    }

    test("does not count a redirect to another host as a Harbor", async () => {
        const other = createServer((_, response) => {
            response.writeHead(302, { location: "/login" });
            response.end();
        });
        const url = `http://127.0.0.1:${await listen(other)}`;
        const error = await ask(url);
        other.close();
        assert.equal(
            error?.reason,
            `${url} does not look like a Harbor server: it redirects to /login (302). Give the address of Harbor's portal, https://host[:port]`,
        );
    });

    test("reports a port where nothing listens", async () => {
        const error = await ask("http://127.0.0.1:1");
        assert.equal(error?.kind, "unreachable");
        assert.equal(
            error.reason,
            "Harbor at http://127.0.0.1:1 cannot be reached: nothing listens there; is the port right and the server up? (ECONNREFUSED)",
        );
    });

    test("reports a host without a name in DNS", async () => {
        const error = await ask("http://harbor.invalid");
        assert.equal(error?.kind, "unreachable");
        assert.match(error.reason, /^Harbor at http:\/\/harbor\.invalid cannot be reached: /);
    });

    test("stops reading an answer that is too long", async () => {
        const error = await ask(`http://127.0.0.1:${plainPort}`, { bodyBytesMax: 1 });
        assert.equal(error?.reason, "answer is longer than 1 bytes");
    });

    test("names the variable of a certificate file that cannot be read", async () => {
        const client = new HarborClient({
            url: `https://127.0.0.1:${securePort}`,
            env: { SSL_CERT_FILE: "/nowhere/ca.pem" },
        });
        await assert.rejects(client.get("/systeminfo"), {
            message: /^SSL_CERT_FILE: \/nowhere\/ca\.pem cannot be read: ENOENT/,
        });
    });

    test("uses a proxy of the environment as Go programs do, but not for this machine", async () => {
        const seen: string[] = [];
        const proxy = createServer((request, response) => {
            seen.push(request.url ?? "");
            response.end("{}");
        });
        const env = { HTTP_PROXY: `http://127.0.0.1:${await listen(proxy)}` };
        assert.equal(await ask("http://harbor.invalid", { env }), undefined);
        assert.equal(await ask(`http://127.0.0.1:${plainPort}`, { env }), undefined);
        proxy.close();
        assert.deepEqual(seen, ["http://harbor.invalid/api/v2.0/systeminfo"]);
    });
});
