import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createProject } from "../../../src/harbor/project";
import { change, make } from "../../support/lifecycle";
import { type ProviderBench, startProviderBench } from "../../support/providerBench";

const project = "harbor:index/project:Project";
const robot = "harbor:index/robotAccount:RobotAccount";
const retention = "harbor:index/retentionPolicy:RetentionPolicy";
const accesses = [{ resource: "repository", action: "pull" }];

// What an operation costs Harbor. More than is written here needs a reason.
describe("requests to Harbor", () => {
    let bench: ProviderBench;
    before(async () => {
        bench = await startProviderBench();
    });
    after(() => bench.close());
    const requests = () => bench.takeRequests().map((line) => line.replaceAll(/\d+/g, "N"));

    test("looks up the account once, before the first request", async () => {
        await bench.plugin.read(project, "/projects/1");
        assert.deepEqual(requests(), [
            "GET /users/current",
            "GET /projects/N",
            "GET /projects/N/summary",
        ]);
        await bench.plugin.read(project, "/projects/1");
        assert.deepEqual(requests(), ["GET /projects/N", "GET /projects/N/summary"]);
    });

    test("sends none for checks, diffs and previews of changes", async () => {
        const { inputs } = await bench.plugin.check(project, { name: "a", storageQuota: 1 });
        await bench.plugin.diff(project, { name: "a", storageQuota: 2 }, inputs);
        await bench.plugin.update(project, "/projects/1", { name: "a" }, inputs, { preview: true });
        assert.deepEqual(requests(), []);
    });

    test("sends one in a preview of a new project, to check that the name is free", async () => {
        await bench.plugin.create(project, { name: "a" }, { preview: true });
        assert.deepEqual(requests(), ["HEAD /projects?project_name=a"]);
    });

    test("sends one each to create, change and delete a project", async () => {
        const made = await make(bench, project, { name: "lean" });
        assert.deepEqual(requests(), ["POST /projects"]);
        const changed = await change(bench, project, made, { name: "lean", public: true });
        assert.deepEqual(requests(), ["PUT /projects/N"]);
        await bench.plugin.delete(project, made.id, changed.outputs);
        assert.deepEqual(requests(), ["DELETE /projects/N"]);
    });

    test("reads a quota after the creation, since Harbor may have ignored it", async () => {
        await make(bench, project, { name: "full", storageQuota: 1 });
        assert.deepEqual(requests(), ["POST /projects", "GET /projects/N/summary"]);
    });

    test("finds a changed quota by its project (fault 19: page after page of all quotas)", async () => {
        const made = await make(bench, project, { name: "grown" });
        requests();
        await change(bench, project, made, { name: "grown", storageQuota: 1 });
        assert.deepEqual(requests(), [
            "PUT /projects/N",
            "GET /quotas?reference=project&reference_id=N&page=N&page_size=N",
            "PUT /quotas/N",
        ]);
    });

    test("reads a system-level robot account in one request (fault 17: the system's settings)", async () => {
        const permissions = [{ kind: "project", namespace: "*", accesses }];
        const made = await make(bench, robot, { name: "fleet", level: "system", permissions });
        requests();
        await bench.plugin.read(robot, made.id);
        assert.deepEqual(requests(), ["GET /robots/N"]);
    });

    test("sends one to create a robot account, and one more for each input that Harbor ignores", async () => {
        await createProject(bench.harbor.client(), { name: "bots" });
        const permissions = [{ kind: "project", namespace: "bots", accesses }];
        const made = await make(bench, robot, { name: "a", level: "project", permissions });
        assert.deepEqual(requests(), ["POST /robots"]);
        const extra = { secret: "ChosenSecret1", disable: true };
        await make(bench, robot, { name: "b", level: "project", permissions, ...extra });
        assert.deepEqual(requests(), ["POST /robots", "PATCH /robots/N", "PUT /robots/N"]);
        await bench.plugin.read(robot, made.id, made.outputs, made.inputs);
        assert.deepEqual(requests(), ["GET /robots/N"]);
    });

    test("first looks up whether the project has a retention policy", async () => {
        const { value } = await createProject(bench.harbor.client(), { name: "kept" });
        const rules = [{ alwaysRetain: true, repoMatching: "**", tagMatching: "**" }];
        await make(bench, retention, { scope: `/projects/${value}`, rules });
        assert.deepEqual(requests(), ["GET /projects/N", "POST /retentions"]);
    });
});
