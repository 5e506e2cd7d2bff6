import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { deleteProject } from "../../../src/harbor/project";
import { change, driftOf, importDiff, make, removeTwice } from "../../support/lifecycle";
import { type ProviderBench, startProviderBench } from "../../support/providerBench";

const project = "harbor:index/project:Project";
const robot = "harbor:index/robotAccount:RobotAccount";
const pull = { resource: "repository", action: "pull" };

describe("a project administrator without system rights", () => {
    let bench: ProviderBench;
    before(async () => {
        bench = await startProviderBench();
        await bench.becomeUser("alice");
    });
    after(() => bench.close());

    test("creates a project with robot account, policies, label and webhook, and refreshes all without a difference", async () => {
        const own = await make(bench, project, { name: "own" });
        assert.deepEqual(await driftOf(bench, project, own), {});
        const { id: projectId } = own;
        for (const [type, inputs] of [
            [
                robot,
                {
                    name: "ci",
                    level: "project",
                    permissions: [{ kind: "project", namespace: "own", accesses: [pull] }],
                },
            ],
            [
                "harbor:index/retentionPolicy:RetentionPolicy",
                {
                    scope: projectId,
                    rules: [{ mostRecentlyPushed: 1, repoMatching: "**", tagMatching: "**" }],
                },
            ],
            [
                "harbor:index/immutableTagRule:ImmutableTagRule",
                { projectId, repoMatching: "**", tagMatching: "v*" },
            ],
            ["harbor:index/label:Label", { name: "l", projectId }],
            [
                "harbor:index/projectWebhook:ProjectWebhook",
                {
                    name: "w",
                    projectId,
                    notifyType: "http",
                    address: "http://127.0.0.1:1/",
                    eventsTypes: ["PUSH_ARTIFACT"],
                },
            ],
        ] as const) {
            const made = await make(bench, type, inputs);
            assert.deepEqual(await driftOf(bench, type, made), {}, type);
            const imported = await importDiff(bench, type, made.id, made.inputs);
            const secretOnly = type === robot ? {} : imported.detailed;
            assert.deepEqual(secretOnly, {}, type);
            await removeTwice(bench, type, made);
        }
    });

    test("fails for a refused change of a quota and does not record it (fault 10: success claimed)", async () => {
        const made = await make(bench, project, { name: "grows" });
        await assert.rejects(change(bench, project, made, { name: "grows", storageQuota: 1 }), {
            message:
                /^storageQuota: only a system administrator of Harbor can set a project's quota/,
        });
    });

    test("requires a system administrator for a quota, and keeps the project for the next update", async () => {
        const wanted = { name: "quota", storageQuota: 1 };
        await assert.rejects(bench.plugin.create(project, wanted, { preview: true }), {
            message:
                "storageQuota: only a system administrator of Harbor can set a project's quota, which the configured login is not; leave storageQuota out, or log in as one",
        });
        await assert.rejects(make(bench, project, wanted), {
            message:
                'project "quota" was created, but storageQuota: only a system administrator of Harbor can set a project\'s quota, which the configured login is not; leave storageQuota out, or log in as one',
        });
    });

    test("names the missing right for a registry, a system-level robot account and schedules", async () => {
        for (const [type, inputs] of [
            [
                "harbor:index/registry:Registry",
                { name: "r", providerName: "docker-hub", endpointUrl: "https://hub.docker.com" },
            ],
            ["harbor:index/garbageCollection:GarbageCollection", { schedule: "Daily" }],
        ] as const) {
            await assert.rejects(make(bench, type, inputs), {
                message:
                    /^Harbor answered 403 FORBIDDEN: alice .*\. The configured login lacks the right to do this: it needs a system administrator$/,
            });
        }
        const system = {
            name: "s",
            level: "system",
            permissions: [{ kind: "project", namespace: "*", accesses: [pull] }],
        };
        await assert.rejects(make(bench, robot, system), {
            message:
                'robot account "s": the configured login may not create robot accounts at system level; a system administrator can',
        });
    });

    test("treats a project that was deleted by another user as gone, although Harbor answers 403", async () => {
        const made = await make(bench, project, { name: "gone" });
        await deleteProject(bench.harbor.client(), Number(made.outputs["projectId"]));
        await removeTwice(bench, project, made);
    });

    test("does not treat another user's project as gone", async () => {
        const client = bench.harbor.client();
        const { location } = await client.post("/projects", { project_name: "theirs" });
        const id = `/projects/${location?.split("/").pop()}`;
        const outputs = { name: "theirs" };
        await assert.rejects(bench.plugin.read(project, id, outputs, outputs), {
            message: /^Harbor answered 403 FORBIDDEN: forbidden/,
        });
    });
});
