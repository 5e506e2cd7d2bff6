import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { checkRegistry } from "../../../src/cli/registryCheck";
import { atEnd } from "../../support/atEnd";

/** The check of a server that gives every request this answer. */
async function check(status: number, challenge = "") {
    const requests: string[] = [];
    const server = createServer((request, response) => {
        requests.push(`${request.method} ${request.url} ${request.headers.authorization ?? ""}`);
        response.writeHead(status, challenge === "" ? {} : { "www-authenticate": challenge }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    atEnd(() => server.close());
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { state, text, fix } = await checkRegistry(host, {});
    assert.deepEqual(requests, ["GET /v2/ "]);
    return [state, text.replace(host, "HOST"), fix?.slice(0, 40)];
}

test("reports a registry with the kind of its logins, without a login", async () => {
    assert.deepEqual(await check(200), ["good", "HOST answers, without logins", undefined]);
    const basic = await check(401, 'Basic realm="r"');
    assert.deepEqual(basic, ["good", "HOST answers, with basic logins", undefined]);
    const token = await check(401, 'Bearer realm="http://127.0.0.1/token",service="s"');
    assert.deepEqual(token, ["good", "HOST answers, with token logins", undefined]);
});

test("reports a server that is no registry, and a host without an answer", async () => {
    const fix = "name the host of an OCI registry, with i";
    for (const status of [404, 401, 502]) {
        const text = `HOST answers ${status} to /v2/: no registry is there.`;
        assert.deepEqual(await check(status), ["fault", text, fix]);
    }
    const { state, text } = await checkRegistry("127.0.0.1:1", {});
    assert.equal(state, "fault");
    assert.match(text, /^127\.0\.0\.1:1 gives no answer: /);
});

test("refuses a text that names no registry", async () => {
    const textOf = async (host: string) => {
        const { state, text, fix } = await checkRegistry(host, {});
        assert.equal(state, "fault");
        assert.match(fix ?? "", /^name the host of an OCI registry/);
        return text;
    };
    const form = "expected HOST or HOST:PORT, without scheme and path";
    for (const host of ["https://r.example.com", "r.example.com/shop", "", "r.example.com/"]) {
        assert.equal(await textOf(host), `"${host}": ${form}.`);
    }
    assert.equal(
        await textOf("harbor"),
        '"harbor": Docker reads this as a name in Docker Hub. Expected a host with a dot or a port, or localhost.',
    );
});
