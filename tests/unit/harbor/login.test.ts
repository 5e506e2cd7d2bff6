import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { HarborClient } from "../../../src/harbor/client";
import { getProject, listProjects } from "../../../src/harbor/project";
import { type SandboxHarbor, startSandboxHarbor } from "../../support/sandboxHarbor";

describe("logging in", () => {
    let harbor: SandboxHarbor;
    before(async () => {
        harbor = await startSandboxHarbor({ loginDelayMs: 300 });
    });
    after(() => harbor.close());

    test("reports a wrong password even where Harbor would answer as to an anonymous user", async () => {
        const client = harbor.client({ password: "Wrong12345", retry: { loginLockMs: 1 } });
        await assert.rejects(listProjects(client), (error: Error) => {
            assert.match(
                error.message,
                /refuses the login of user "admin"; check user name and password$/,
            );
            assert.equal(error.message.includes("Wrong12345"), false);
            return true;
        });
    });

    test("waits for the lock after another client's failed login", async () => {
        const wrong = harbor.client({ password: "Wrong12345", retry: { loginLockMs: 1 } });
        const failing = assert.rejects(listProjects(wrong));
        await new Promise((resolve) => setTimeout(resolve, 50));
        const right = harbor.client({ retry: { loginLockMs: 700 } });
        assert.equal((await getProject(right, "library"))?.name, "library");
        await failing;
    });

    test("looks up the account once for parallel requests", async () => {
        const client = harbor.client();
        await Promise.all([1, 2, 3].map(() => getProject(client, "library")));
        assert.equal(client.requestCount, 4);
    });

    test("neither keeps nor sends cookies", async () => {
        const seen: (string | undefined)[] = [];
        const server = createServer((request, response) => {
            seen.push(request.headers.cookie);
            response.setHeader("set-cookie", "sid=abc; Path=/");
            response.end("[]");
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        const { port } = server.address() as AddressInfo; // a TCP server that listens has a port
        const client = new HarborClient({
            url: `http://127.0.0.1:${port}`,
            username: "u",
            password: "p",
        });
        await client.get("/projects");
        await client.post("/projects", {});
        client.close();
        server.close();
        assert.deepEqual(seen, [undefined, undefined, undefined]);
    });

    test("sends Harbor's token against cross-site requests with a session", async () => {
        const seen: string[] = [];
        const server = createServer((request, response) => {
            const { cookie } = request.headers;
            const token = request.headers["x-harbor-csrf-token"];
            seen.push(`${request.method} ${cookie} ${token ?? "-"}`);
            response.setHeader("x-harbor-csrf-token", "tok");
            response.setHeader("set-cookie", ["sid=new; Path=/", "_gorilla_csrf=c1; Path=/"]);
            response.end("{}");
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        const { port } = server.address() as AddressInfo; // a TCP server that listens has a port
        const client = new HarborClient({ url: `http://127.0.0.1:${port}`, sessionId: "s1" });
        await client.put("/projects/1", {});
        client.close();
        server.close();
        assert.deepEqual(seen, ["GET sid=s1 -", "PUT sid=s1; _gorilla_csrf=c1 tok"]);
    });

    test("reads a list page by page to its end", async () => {
        const asked: string[] = [];
        const server = createServer((request, response) => {
            asked.push(request.url ?? "");
            const page = Number(new URL(request.url ?? "", "http://x").searchParams.get("page"));
            const count = page < 3 ? 100 : 50;
            response.setHeader("x-total-count", "250");
            response.end(
                JSON.stringify(
                    Array.from({ length: count }, (_, i) => ({
                        project_id: page * 1000 + i,
                        name: `p${i}`,
                    })),
                ),
            );
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        const { port } = server.address() as AddressInfo; // a TCP server that listens has a port
        const client = new HarborClient({ url: `http://127.0.0.1:${port}` });
        const projects = await listProjects(client);
        client.close();
        server.close();
        assert.equal(projects.length, 250);
        assert.deepEqual(asked, [
            "/api/v2.0/projects?page=1&page_size=100",
            "/api/v2.0/projects?page=2&page_size=100",
            "/api/v2.0/projects?page=3&page_size=100",
        ]);
    });
});
