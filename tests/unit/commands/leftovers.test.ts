import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { isEmptyStack, leftovers } from "../../../tools/commands/leftovers";
import { stackFile } from "../../../tools/commands/stack";
import { openWorkspace, type Workspace } from "../../../tools/commands/workspace";

async function workspaceWith(resources: readonly unknown[] | undefined): Promise<Workspace> {
    const workspace = await openWorkspace({}, mkdtempSync(join(tmpdir(), "hb-left-")));
    const file = stackFile(workspace) ?? "";
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify({ version: 3, checkpoint: { latest: { resources } } }));
    return workspace;
}

test("reads the resources of a stack in Harbor from its state, by name and id", async () => {
    const workspace = await workspaceWith([
        { type: "pulumi:pulumi:Stack" },
        { type: "harbor:index/project:Project", id: "/projects/7", outputs: { name: "shop" } },
        {
            type: "harbor:index/robotAccount:RobotAccount",
            id: "/robots/5",
            outputs: { name: "fm-robot", fullName: "robot$shop+fm-robot" },
        },
        { type: "docker-build:index:Image", id: "sha256:1", outputs: { ref: "h/shop/fm:1" } },
    ]);
    assert.equal(await isEmptyStack(workspace), false);
    assert.deepEqual(await leftovers(workspace), [
        'project "shop" (/projects/7)',
        'robot account "robot$shop+fm-robot" (/robots/5)',
    ]);
});

test("reports a stack without resources, or one that never existed, as empty", async () => {
    const made = await workspaceWith(undefined);
    assert.equal(await isEmptyStack(made), true);
    const fresh = await openWorkspace({}, mkdtempSync(join(tmpdir(), "hb-left-")));
    assert.equal(await isEmptyStack(fresh), true);
    assert.deepEqual(await leftovers(fresh), []);
});

test("does not report a stack in a service as empty", async () => {
    const privateDir = mkdtempSync(join(tmpdir(), "hb-left-"));
    const away = { PULUMI_BACKEND_URL: "https://api.pulumi.com" };
    const workspace = await openWorkspace(away, privateDir);
    assert.equal(await isEmptyStack(workspace), false);
    assert.equal(await leftovers(workspace), undefined);
});
