import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startTestHarbor, type TestHarbor } from "./testHarbor";

const delayMs = 1_500;
let harbor: TestHarbor;
before(async () => {
    harbor = await startTestHarbor({ loginDelayMs: delayMs });
});
after(() => harbor.close());

const current = (password: string): ReturnType<TestHarbor["send"]> =>
    harbor.send("GET", "/api/v2.0/users/current", { as: "admin", password });

test("delays a failed login, and fails correct ones meanwhile", async () => {
    const started = Date.now();
    const wrong = current("nope");
    await sleep(delayMs / 3);
    const asked = Date.now();
    assert.equal((await current("Harbor12345")).status, 401);
    assert.ok(Date.now() - asked < delayMs / 2);
    assert.equal((await wrong).status, 401);
    assert.ok(Date.now() - started >= delayMs);
    assert.equal((await current("Harbor12345")).status, 200);
});

test("does not lock robots after wrong secrets", async () => {
    const made = await harbor.api("POST", "/robots", {
        name: "ci",
        level: "project",
        duration: -1,
        permissions: [
            {
                kind: "project",
                namespace: "library",
                access: [{ resource: "repository", action: "push" }],
            },
        ],
    });
    const { name, secret } = made.json as { name: string; secret: string };
    const path = "/service/token?service=harbor-registry&scope=repository:library/a:push";
    const wrong = harbor.send("GET", path, { as: name, password: "nope" });
    await sleep(delayMs / 3);
    const right = await harbor.send("GET", path, { as: name, password: secret });
    const { token } = right.json as { token: string };
    const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
    assert.equal(claims.sub, "robot$library+ci");
    await wrong;
});

test("treats a request with a wrong password as anonymous: public content still answers", async () => {
    const answer = await harbor.send("GET", "/api/v2.0/projects", {
        as: "admin",
        password: "nope",
    });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("x-total-count"), "1");
});
