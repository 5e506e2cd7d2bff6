import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { projectNameFault } from "../../../src/harbor/projectName";
import { releaseHarbor } from "../../../tools/commands/harbor";
import { openWorkspace, quickstartProject } from "../../../tools/commands/workspace";

const open = () => openWorkspace({}, mkdtempSync(join(tmpdir(), "hb-workspace-")));

test("gives the quickstart on a given Harbor a project that no other clone has, and keeps its name", async () => {
    const [mine, other] = [await open(), await open()];
    const name = await quickstartProject(mine, { isUp: false });
    assert.match(name, /^quickstart-[0-9a-f]{10}$/);
    assert.equal(projectNameFault(name), undefined);
    assert.equal(await quickstartProject(mine, { isUp: true }), name);
    assert.notEqual(await quickstartProject(other, { isUp: false }), name);
    await releaseHarbor(mine);
    assert.notEqual(await quickstartProject(mine, { isUp: false }), name);
});

test("leaves the project of a stack that was up before alone", async () => {
    const workspace = await open();
    assert.equal(await quickstartProject(workspace, { isUp: true }), "shop");
    assert.equal(await quickstartProject(workspace, { isUp: true }), "shop");
});
