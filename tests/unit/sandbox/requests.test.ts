import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { adminPassword, faultOf, startTestHarbor, type TestHarbor } from "./testHarbor";

let harbor: TestHarbor;
before(async () => {
    harbor = await startTestHarbor();
});
after(() => harbor.close());

test("answers 501 with the name of what it does not implement", async () => {
    const answer = await harbor.api("GET", "/audit-logs");
    assert.equal(answer.status, 501);
    assert.deepEqual(faultOf(answer), {
        code: "UNSUPPORTED",
        message: "the sandbox does not do this: audit logs; use a real Harbor for it",
    });
});

test("answers 501 for blobs and manifests without a registry", async () => {
    await harbor.api("POST", "/projects", { project_name: "shop" });
    const answer = await harbor.send("POST", "/v2/shop/app/blobs/uploads/", { as: "admin" });
    assert.equal(answer.status, 501);
    assert.match(faultOf(answer).message, /no registry stands behind \/v2\//);
});

test("does not simulate a garbage collection that would free space", async () => {
    const schedule = { schedule: { type: "Manual" }, parameters: { dry_run: false } };
    assert.equal((await harbor.api("POST", "/system/gc/schedule", schedule)).status, 501);
});

test("counts visible projects for users, and totals only for administrators", async () => {
    const user = { username: "carol", email: "carol@lab.test", realname: "Carol" };
    await harbor.api("POST", "/users", { ...user, password: adminPassword });
    const asCarol = { as: "carol" };
    const project_name = "carols";
    await harbor.send("POST", "/api/v2.0/projects", { ...asCarol, json: { project_name } });
    await harbor.api("POST", "/projects", { project_name: "hidden" });
    const projects = (await harbor.api("GET", "/projects?page_size=0")).json as object[];
    const counts = async (as: string) =>
        (await harbor.send("GET", "/api/v2.0/statistics", { as })).json;
    const nothing = { private_repo_count: 0, public_repo_count: 0, total_repo_count: 0 };
    assert.deepEqual(await counts("carol"), {
        ...nothing,
        private_project_count: 1,
        public_project_count: 1,
        total_project_count: 0,
        total_storage_consumption: 0,
    });
    assert.deepEqual(await counts("admin"), {
        ...nothing,
        private_project_count: projects.length - 1,
        public_project_count: 1,
        total_project_count: projects.length,
        total_storage_consumption: 0,
    });
});

test("sets a cookie in every answer, and denies writes to a client that sends the cookie", async () => {
    const first = await harbor.api("GET", "/users/current");
    assert.match(first.headers.get("set-cookie") ?? "", /^sid=[0-9a-f]{32}; Path=\/; HttpOnly$/);
    const written = await harbor.send("POST", "/api/v2.0/projects", {
        as: "admin",
        headers: { cookie: "sid=anything" },
        json: { project_name: "x" },
    });
    assert.equal(written.status, 403);
    assert.equal(faultOf(written).message, "CSRF token not found in request");
});

test("lets exactly one of several concurrent creations of one project succeed", async () => {
    const answers = await Promise.all(
        Array.from({ length: 6 }, () => harbor.api("POST", "/projects", { project_name: "race" })),
    );
    const statuses = answers.map((answer) => answer.status).sort();
    assert.deepEqual(statuses, [201, 409, 409, 409, 409, 409]);
});

test("lists everything once over all pages", async () => {
    for (let at = 0; at < 23; at += 1) {
        await harbor.api("POST", "/projects", { project_name: `page-${at}` });
    }
    const seen = new Set<string>();
    let path: string | undefined = "/projects?page_size=5&name=page-";
    while (path !== undefined) {
        const answer = await harbor.api("GET", path);
        for (const { name } of answer.json as { name: string }[]) {
            assert.equal(seen.has(name), false);
            seen.add(name);
        }
        const next = /<\/api\/v2\.0([^>]+)>; rel="next"/.exec(answer.headers.get("link") ?? "");
        path = next?.[1];
    }
    assert.equal(seen.size, 23);
});

test("keeps everything with its numbers and secrets over a restart", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "harbor-restart-"));
    const first = await startTestHarbor({ dataDir });
    const robot = await first.api("POST", "/robots", {
        name: "kept",
        level: "system",
        duration: 7,
        permissions: [
            { kind: "system", namespace: "/", access: [{ resource: "project", action: "create" }] },
        ],
    });
    const { id, name, secret } = robot.json as { id: number; name: string; secret: string };
    await first.close();
    const second = await startTestHarbor({ dataDir });
    assert.equal((await second.api("GET", `/robots/${id}`)).status, 200);
    const made = await second.send("POST", "/api/v2.0/projects", {
        as: name,
        password: secret,
        json: { project_name: "by-robot" },
    });
    assert.equal(made.status, 201);
    await second.close();
    rmSync(dataDir, { recursive: true, force: true });
});
