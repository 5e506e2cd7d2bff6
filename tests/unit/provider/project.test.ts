import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { getProject } from "../../../src/harbor/project";
import { getQuota, setQuota } from "../../../src/provider/harbor/quota";
import { PluginClient, unknown } from "../../support/pluginClient";
import { type ProviderBench, startProviderBench } from "../../support/providerBench";

const type = "harbor:index/project:Project";

describe("Project", () => {
    let bench: ProviderBench;
    before(async () => {
        bench = await startProviderBench();
    });
    after(() => bench.close());

    test("creates a project with defaults and every output", async () => {
        const { inputs, failures } = await bench.plugin.check(type, { name: "shop" });
        assert.deepEqual(failures, {});
        const { id, outputs } = await bench.plugin.create(type, inputs);
        const projectId = Number(id.replace("/projects/", ""));
        assert.deepEqual(outputs, {
            name: "shop",
            public: false,
            storageQuota: -1,
            forceDestroy: false,
            vulnerabilityScanning: true,
            autoSbomGeneration: false,
            enableContentTrust: false,
            enableContentTrustCosign: false,
            proxySpeedKb: -1,
            proxyCacheLocalOnNotFound: false,
            registryId: 0,
            projectId,
            harborProjectId: id,
        });
        const made = await getProject(bench.harbor.client(), "shop");
        assert.equal(made?.autoScan, true);
        assert.equal(made?.public, false);
    });

    test("creates a project with one request, after one that looks up the account", async () => {
        bench.takeRequests();
        await bench.plugin.create(type, { name: "lean" });
        assert.deepEqual(bench.takeRequests(), ["POST /projects"]);
    });

    test("takes storageQuota in GiB and stores bytes", async () => {
        const { id, outputs } = await bench.plugin.create(type, {
            name: "quota",
            storageQuota: 2.5,
        });
        assert.equal(outputs["storageQuota"], 2.5);
        const quota = await getQuota(bench.harbor.client(), Number(outputs["projectId"]));
        assert.equal(quota?.limit, 2_684_354_560);
        const updated = await bench.plugin.update(type, id, outputs, { name: "quota" });
        assert.equal(updated["storageQuota"], -1);
        const after = await getQuota(bench.harbor.client(), Number(outputs["projectId"]));
        assert.equal(after?.limit, -1);
    });

    test("sees a changed quota in a refresh (fault 10: drift blind spots)", async () => {
        const inputs = { name: "drift", storageQuota: 1 };
        const { id, outputs } = await bench.plugin.create(type, inputs);
        await setQuota(bench.harbor.client(), Number(outputs["projectId"]), 2 * 1024 ** 3);
        const read = await bench.plugin.read(type, id, outputs, inputs);
        assert.deepEqual(read.inputs, { name: "drift", storageQuota: 2 });
        const diff = await bench.plugin.diff(type, read.outputs, inputs);
        assert.deepEqual(diff.detailed, { storageQuota: "UPDATE" });
    });

    test("ends an import by id, number, path with name or name in the canonical id without a diff", async () => {
        const inputs = { name: "adopted", public: true, cveAllowlists: ["CVE-2026-1"] };
        const { id } = await bench.plugin.create(type, inputs);
        const number = id.replace("/projects/", "");
        for (const form of [id, number, "/projects/adopted", "adopted"]) {
            const read = await bench.plugin.read(type, form);
            assert.equal(read.id, id);
            assert.deepEqual(read.inputs, inputs);
            const diff = await bench.plugin.diff(type, read.outputs, inputs, read.inputs);
            assert.deepEqual(diff, {
                changes: false,
                replaces: [],
                deleteBeforeReplace: false,
                detailed: {},
            });
        }
    });

    test("shows no difference for forceDestroy after an import", async () => {
        const { id } = await bench.plugin.create(type, { name: "forced" });
        const read = await bench.plugin.read(type, id);
        const diff = await bench.plugin.diff(type, read.outputs, {
            name: "forced",
            forceDestroy: true,
        });
        assert.equal(diff.changes, false);
    });

    test("drops a project that was deleted in Harbor at the next refresh", async () => {
        const { id, outputs } = await bench.plugin.create(type, { name: "gone" });
        await bench.plugin.delete(type, id, outputs);
        const read = await bench.plugin.read(type, id, outputs, { name: "gone" });
        assert.equal(read.id, "");
    });

    test("deletes twice without an error (fault 13: 404 on delete)", async () => {
        const { id, outputs } = await bench.plugin.create(type, { name: "twice" });
        await bench.plugin.delete(type, id, outputs);
        await bench.plugin.delete(type, id, outputs);
    });

    const manage = "To manage it here, for example because an interrupted run created it,";
    const other = "to create another project, choose another name";

    /** A new project, and what the message about it says: number, age and content. */
    async function taken(name: string): Promise<{ id: string; facts: string }> {
        const { id } = await bench.plugin.create(type, { name });
        const { createdMs } = (await getProject(bench.harbor.client(), name)) ?? assert.fail(name);
        const created = `${new Date(createdMs).toISOString().slice(0, 19)}Z`;
        return { id, facts: `${id}, created ${created}, repositories: 0` };
    }

    test("rejects an existing project with the command that imports it", async () => {
        const { id, facts } = await taken("taken");
        for (const preview of [true, false]) {
            await assert.rejects(bench.plugin.create(type, { name: "taken" }, { preview }), {
                message: `name: project "taken" already exists (${facts}). ${manage} import it: \`pulumi import harbor:index/project:Project NAME ${id}\` with NAME as in the program, or the resource option \`import: "${id}"\`; ${other}`,
            });
        }
    });

    test("rejects an existing project of a component with the component's own arguments", async () => {
        const { id, facts } = await taken("composed");
        const options = { parentType: "harbor-build:index:CachedImage" };
        const message = `name: project "composed" already exists (${facts}). ${manage} set \`import: "${id}"\` next to its name; to use it without managing it, set \`existing: true\` there; ${other}`;
        for (const preview of [true, false]) {
            await assert.rejects(
                bench.plugin.create(type, { name: "composed" }, { ...options, preview }),
                { message },
            );
        }
    });

    test("warns that a destroy would delete the images of an existing project", async () => {
        const { id, facts } = await taken("full");
        const inputs = { name: "full", forceDestroy: true };
        const options = { parentType: "harbor-build:index:ImageProject" };
        await assert.rejects(bench.plugin.create(type, inputs), {
            message: `name: project "full" already exists (${facts}). ${manage} import it (\`forceDestroy\` then deletes its images with it): \`pulumi import harbor:index/project:Project NAME ${id}\` with NAME as in the program, or the resource option \`import: "${id}"\`; ${other}`,
        });
        await assert.rejects(bench.plugin.create(type, inputs, options), {
            message: `name: project "full" already exists (${facts}). ${manage} set \`import: "${id}"\` next to its name (with \`retainImages: false\`, a destroy then deletes its images); to use it without managing it, set \`existing: true\` there; ${other}`,
        });
    });

    test("predicts the known outputs in a preview of a creation", async () => {
        const { id, outputs } = await bench.plugin.create(
            type,
            { name: "soon" },
            { preview: true },
        );
        assert.equal(id, "");
        assert.equal(outputs["name"], "soon");
        assert.equal(outputs["public"], false);
        assert.equal(outputs["projectId"], unknown);
        assert.equal(outputs["harborProjectId"], unknown);
        assert.equal(await getProject(bench.harbor.client(), "soon"), undefined);
    });

    test("does not count the replaced project's name as taken in a preview", async () => {
        const again = await PluginClient.start();
        await again.configure({ ...bench.login });
        await again.create(type, { name: "twice" });
        await again.diff(type, { name: "twice", registryId: 1 }, { name: "twice", registryId: 2 });
        const { outputs } = await again.create(type, { name: "twice" }, { preview: true });
        again.close();
        assert.equal(outputs["name"], "twice");
    });

    test("replaces a project for a new name; deletes the old one first for a new registry with the same name", async () => {
        const olds = { name: "a", registryId: 1 };
        const renamed = await bench.plugin.diff(type, olds, { name: "b", registryId: 1 });
        assert.deepEqual(renamed, {
            changes: true,
            replaces: ["name"],
            deleteBeforeReplace: false,
            detailed: { name: "UPDATE_REPLACE" },
        });
        const moved = await bench.plugin.diff(type, olds, { name: "a", registryId: 2 });
        assert.deepEqual(moved, {
            changes: true,
            replaces: ["registryId"],
            deleteBeforeReplace: true,
            detailed: { registryId: "UPDATE_REPLACE" },
        });
    });

    test('treats deploymentSecurity "none" like no value (fault 11)', async () => {
        const inputs = { name: "gate", deploymentSecurity: "none" };
        const { id, outputs } = await bench.plugin.create(type, inputs);
        const read = await bench.plugin.read(type, id, outputs, inputs);
        assert.deepEqual(read.inputs, inputs);
        const diff = await bench.plugin.diff(type, read.outputs, inputs);
        assert.deepEqual(diff.detailed, {});
        const without = await bench.plugin.diff(type, read.outputs, { name: "gate" });
        assert.deepEqual(without.detailed, {});
    });

    test("sets Harbor's gate with deploymentSecurity, and opens it without", async () => {
        const { id, outputs } = await bench.plugin.create(type, {
            name: "gated",
            deploymentSecurity: "High",
        });
        const shut = await getProject(bench.harbor.client(), "gated");
        assert.deepEqual([shut?.preventVulnerable, shut?.severity], [true, "high"]);
        await bench.plugin.update(type, id, outputs, { name: "gated" });
        const open = await getProject(bench.harbor.client(), "gated");
        assert.deepEqual([open?.preventVulnerable, open?.severity], [false, "low"]);
    });
});
