import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { explainLoginBy } from "../../../src/explain/accountState";
import { HarborClient } from "../../../src/harbor/client";
import { createProject } from "../../../src/harbor/project";
import { createRobot, updateRobot } from "../../../src/harbor/robot";
import { findRobotByFullName } from "../../../src/harbor/robotLookup";
import { Store } from "../../../tools/sandbox/harbor/core/store";
import { adminPassword, startTestHarbor, type TestHarbor } from "../sandbox/testHarbor";

const dataDir = mkdtempSync(join(tmpdir(), "harbor-accounts-"));
const admin = { username: "admin", password: adminPassword };
let harbor: TestHarbor;
let client: HarborClient;
let host: string;

async function makeRobot(name: string, level: "project" | "system", duration = -1) {
    const access = [{ resource: "repository", action: "pull" }];
    const permissions = [{ kind: "project", namespace: "shop", access }];
    const robot = { name, level, duration, permissions };
    const { value } = await createRobot(client, robot);
    return { ...robot, ...value, description: undefined };
}

before(async () => {
    let made = await startTestHarbor({ dataDir });
    client = new HarborClient({ url: made.url, ...admin });
    await createProject(client, { name: "shop" });
    const old = await makeRobot("old", "project", 1);
    const off = await makeRobot("off", "project");
    await updateRobot(client, { ...off, disabled: true });
    await makeRobot("good", "project", 30);
    await makeRobot("ci", "system");
    const user = {
        username: "jane",
        password: adminPassword,
        realname: "j",
        email: "j@example.com",
    };
    assert.equal((await made.api("POST", "/users", user)).status, 201);
    client.close();
    await made.close();
    // A day passes.
    const store = new Store(dataDir);
    const expiresAt = Date.UTC(2026, 0, 2) / 1000;
    store.transaction(() => store.of("robots").update(old.id, { expiresAt }));
    store.close();
    made = await startTestHarbor({ dataDir });
    harbor = made;
    host = new URL(harbor.url).host;
    client = new HarborClient({ url: harbor.url, ...admin });
});

after(async () => {
    client.close();
    await harbor.close();
    rmSync(dataDir, { recursive: true, force: true });
});

const explain = (username: string, login: typeof admin | undefined = admin, at = host) =>
    explainLoginBy({ url: harbor.url, login: async () => login })(at, username);

test("reports an expired account with the time and what to do", async () => {
    const answer = await explain("robot$shop+old");
    assert.equal(answer?.status, "expired");
    assert.equal(
        answer?.reason,
        "the robot account robot$shop+old expired at 2026-01-02T00:00:00.000Z",
    );
    assert.match(answer?.advice ?? "", /raise robotDays/);
});

test("distinguishes disabled and deleted accounts and accounts with another secret", async () => {
    const reasons = await Promise.all(
        ["robot$shop+off", "robot$shop+gone", "robot$gone", "robot$shop+good", "robot$ci"].map(
            async (username) => {
                const answer = await explain(username);
                assert.equal(answer?.status, "login refused");
                return answer?.reason;
            },
        ),
    );
    assert.deepEqual(reasons, [
        "the robot account robot$shop+off is disabled in Harbor",
        "the robot account robot$shop+gone does not exist in Harbor",
        "the robot account robot$gone does not exist in Harbor",
        "the robot account robot$shop+good exists, but its secret in Harbor is a different one",
        "the robot account robot$ci exists, but its secret in Harbor is a different one",
    ]);
});

test("claims nothing about users, other registries, or without a login that may ask", async () => {
    assert.equal(await explain("nobody"), undefined);
    assert.equal(await explain("robot$shop+old", admin, "other.example.com"), undefined);
    assert.equal(await explainLoginBy({ login: async () => admin })(host, "robot$x"), undefined);
    const anonymous = explainLoginBy({ url: harbor.url, login: async () => undefined });
    assert.equal(await anonymous(host, "robot$shop+old"), undefined);
    const jane = { username: "jane", password: adminPassword };
    assert.equal(await explain("robot$shop+old", jane), undefined);
    assert.equal(await explain("robot$shop+old", { ...admin, password: "wrong" }), undefined);
});

test("finds a system-level account although its prefix names a project", async () => {
    await client.put("/configurations", { robot_name_prefix: "shop+" });
    try {
        assert.equal((await findRobotByFullName(client, "shop+ci"))?.level, "system");
        assert.equal((await findRobotByFullName(client, "shop+shop+good"))?.level, "project");
        assert.equal(await findRobotByFullName(client, "shop+none"), undefined);
    } finally {
        await client.put("/configurations", { robot_name_prefix: "robot$" });
    }
});
