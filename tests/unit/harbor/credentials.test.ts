import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { HarborClient } from "../../../src/harbor/client";
import { placeholder } from "../../../src/text/placeholder";
import { atEnd } from "../../support/atEnd";

test("sends no credentials when a placeholder stands for the secret", async () => {
    const seen: unknown[] = [];
    const server = createServer(({ url, headers }, response) => {
        seen.push([url, headers.authorization, headers.cookie]);
        response.setHeader("content-type", "application/json");
        response.end("[]");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    atEnd(() => server.close());
    const { port } = server.address() as AddressInfo; // a TCP server that listens has a port
    const logins = [
        { username: "admin", password: placeholder },
        { bearerToken: placeholder },
        { sessionId: placeholder, username: "admin", password: "Secret1234" },
    ];
    for (const login of logins) {
        const client = new HarborClient({ url: `http://127.0.0.1:${port}`, ...login });
        await client.get("/projects");
        client.close();
    }
    assert.deepEqual(
        seen,
        logins.map(() => ["/api/v2.0/projects", undefined, undefined]),
    );
});
