import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { hasProject } from "../../../src/hooks/harborProjects";
import { answer, hang, startFaultyProxy } from "../../support/faultyProxy";
import { startSandboxHarbor } from "../../support/sandboxHarbor";

afterEach(() => pulumi.runtime.setAllConfig({}));

/** Configures the default provider of Harbor. */
function configure(settings: Readonly<Record<string, string>>): void {
    const named = Object.entries(settings).map(([name, value]) => [`harbor:${name}`, value]);
    pulumi.runtime.setAllConfig(Object.fromEntries(named));
}

test("asks Harbor until it has the project, and then no more", async () => {
    const harbor = await startSandboxHarbor();
    const proxy = await startFaultyProxy(harbor.url);
    configure({ url: proxy.url, username: "admin", password: harbor.adminPassword });
    assert.equal(await hasProject("late"), false);
    await harbor.client().post("/projects", { project_name: "late" });
    assert.equal(await hasProject("late"), true);
    const count = proxy.passed.length;
    assert.equal(await hasProject("late"), true);
    assert.equal(proxy.passed.length, count);
    await proxy.close();
    await harbor.close();
});

test("counts a project as there when Harbor cannot be asked", async () => {
    const harbor = await startSandboxHarbor();
    const proxy = await startFaultyProxy(harbor.url);
    configure({ url: proxy.url, username: "admin", password: harbor.adminPassword });
    for (const act of [answer(401), answer(403), answer(500), answer(200, "<html>"), hang]) {
        proxy.inject({ method: "GET", path: "/projects/absent", times: 9, act });
        assert.equal(await hasProject("absent"), true);
        proxy.stopFaults();
    }
    await proxy.close();
    await harbor.close();
    assert.equal(await hasProject("absent"), true);
});

test("counts a project as there without a usable address", async () => {
    assert.equal(await hasProject("absent"), true);
    configure({ url: "nowhere" });
    assert.equal(await hasProject("absent"), true);
});
