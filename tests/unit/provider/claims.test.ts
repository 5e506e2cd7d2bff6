import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Claims } from "../../../src/harbor/claims";
import { getProject } from "../../../src/harbor/project";
import { Connection } from "../../../src/provider/connection";
import { getRetention } from "../../../src/provider/harbor/retention";
import { PluginClient, type Wire } from "../../support/pluginClient";
import { type ProviderBench, startProviderBench } from "../../support/providerBench";

const type = "harbor:index/project:Project";
const retention = "harbor:index/retentionPolicy:RetentionPolicy";

// Claims of earlier test runs must not count.
process.env["TMPDIR"] = mkdtempSync(join(tmpdir(), "claims-"));

let port = 1;
/** The address of another engine: each run has its own. */
const nextEngine = () => `127.0.0.1:${port++}`;

describe("what a run needs", () => {
    let bench: ProviderBench;
    const started: PluginClient[] = [];
    before(async () => {
        bench = await startProviderBench();
    });
    after(async () => {
        for (const plugin of started) plugin.close();
        await bench.close();
    });

    /** A provider process of a run. */
    async function provider(engine = nextEngine()): Promise<PluginClient> {
        const plugin = await PluginClient.start({}, engine);
        started.push(plugin);
        await plugin.configure({ ...bench.login });
        return plugin;
    }

    /** Creates a project, in a run of its own, that its resource deletes with all images. */
    async function projectOf(name: string) {
        const plugin = await provider();
        const { id, outputs } = await plugin.as("old").create(type, { name, forceDestroy: true });
        return { id, outputs };
    }

    const exists = async (name: string) =>
        (await getProject(bench.harbor.client(), name)) !== undefined;

    test("a project that the run imported stays when its former resource is deleted", async () => {
        const { id, outputs } = await projectOf("imported");
        const plugin = await provider();
        await plugin.as("new").read(type, "imported");
        await plugin.as("old").delete(type, id, outputs);
        assert.equal(await exists("imported"), true);
    });

    test("a project that another provider instance imported stays", async () => {
        const { id, outputs } = await projectOf("elsewhere");
        const engine = nextEngine();
        const [first, second] = [await provider(engine), await provider(engine)];
        await second.as("new").read(type, id);
        await first.as("old").delete(type, id, outputs);
        assert.equal(await exists("elsewhere"), true);
    });

    test("a project that another resource of the program manages stays", async () => {
        const { id, outputs } = await projectOf("managed");
        const plugin = await provider();
        const inputs = { name: "managed" };
        await plugin.as("new").check(type, inputs, { olds: inputs });
        await plugin.as("new").diff(type, outputs, inputs, inputs, id);
        await plugin.as("old").delete(type, id, outputs);
        assert.equal(await exists("managed"), true);
    });

    test("a project that a component uses without managing it stays", async () => {
        const { id, outputs } = await projectOf("used");
        const engine = nextEngine();
        const plugin = await provider(engine);
        new Claims(engine).add({ user: 'CachedImage "fm"', project: "used" });
        await plugin.as("old").delete(type, id, outputs);
        assert.equal(await exists("used"), true);
    });

    test("a used project is deleted when its resource is replaced with the same name", async () => {
        const { id, outputs } = await projectOf("recreated");
        const engine = nextEngine();
        const plugin = await provider(engine);
        new Claims(engine).add({ user: 'CachedImage "fm"', project: "recreated" });
        const inputs = { name: "recreated", forceDestroy: true };
        // For `--replace`, the engine does not ask for differences.
        await plugin.as("old").check(type, inputs);
        await plugin.as("old").delete(type, id, outputs);
        assert.equal(await exists("recreated"), false);
        const again = await plugin.as("old").create(type, inputs);
        assert.notEqual(again.id, id);
    });

    test("a used project stays when its resource gets another name", async () => {
        const { id, outputs } = await projectOf("left");
        const engine = nextEngine();
        const plugin = await provider(engine);
        new Claims(engine).add({ user: 'CachedImage "fm"', project: "left" });
        await plugin.as("old").check(type, { name: "left-2" }, { olds: { name: "left" } });
        await plugin.as("old").delete(type, id, outputs);
        assert.equal(await exists("left"), true);
    });

    test("a retention policy that another resource took over stays", async () => {
        const project = await projectOf("policy");
        const inputs: Wire = {
            scope: project.id,
            schedule: "Daily",
            rules: [{ nDaysSinceLastPull: 7, repoMatching: "**", tagMatching: "**" }],
        };
        const first = await provider();
        const old = await first.as("old").create(retention, inputs);
        const plugin = await provider();
        const taken = await plugin.as("new").create(retention, inputs);
        assert.equal(taken.id, old.id);
        await plugin.as("old").delete(retention, old.id, old.outputs);
        const number = Number(old.id.split("/").at(-1));
        assert.equal((await getRetention(bench.harbor.client(), number)).rules.length, 1);
    });

    test("a project that its own resource imports by its name stays", async () => {
        const { id, outputs } = await projectOf("renamed-id");
        const plugin = await provider();
        const inputs = { name: "renamed-id", forceDestroy: true };
        await plugin.as("old").read(type, "renamed-id");
        await plugin.as("old").check(type, inputs, { olds: inputs });
        await plugin.as("old").delete(type, id, outputs);
        assert.equal(await exists("renamed-id"), true);
    });

    test("a retention policy that its own replacement took over stays", async () => {
        const project = await projectOf("replaced-policy");
        const rules = [{ nDaysSinceLastPull: 7, repoMatching: "**", tagMatching: "**" }];
        const inputs: Wire = { scope: project.id, schedule: "Daily", rules };
        const old = await (await provider()).as("old").create(retention, inputs);
        const plugin = await provider();
        await plugin.as("old").check(retention, inputs, { olds: inputs });
        await plugin.as("old").diff(retention, old.outputs, inputs, inputs, old.id);
        await plugin.as("old").create(retention, inputs);
        await plugin.as("old").delete(retention, old.id, old.outputs);
        const number = Number(old.id.split("/").at(-1));
        assert.equal((await getRetention(bench.harbor.client(), number)).rules.length, 1);
    });

    test("a project whose resource is replaced by one with another name is deleted", async () => {
        const { id, outputs } = await projectOf("before");
        const plugin = await provider();
        await plugin.as("old").check(type, { name: "after" }, { olds: { name: "before" } });
        const { replaces } = await plugin
            .as("old")
            .diff(type, outputs, { name: "after" }, outputs, id);
        assert.deepEqual(replaces, ["name"]);
        await plugin.as("old").create(type, { name: "after" });
        await plugin.as("old").delete(type, id, outputs);
        assert.deepEqual([await exists("before"), await exists("after")], [false, true]);
    });

    test("an object of another Harbor instance is not claimed", async () => {
        const claims = new Claims(nextEngine());
        const connection = new Connection({}, claims);
        connection.configure({ url: "https://a.example.com", username: "u", password: "p" });
        const urn = `urn:pulumi:dev::shop::${type}::it`;
        claims.add({ urn, type, id: "/projects/7", host: "b.example.com", isNew: false });
        const { isClaimed } = connection.context();
        assert.equal(isClaimed(type, "/projects/7"), false);
        claims.add({ urn, type, id: "/projects/7", host: "a.example.com", isNew: false });
        assert.equal(isClaimed(type, "/projects/7"), true);
    });

    test("a destroy with a refresh deletes a project of two resources", async () => {
        const { id, outputs } = await projectOf("twice");
        const plugin = await provider();
        for (const name of ["old", "new"]) {
            await plugin.as(name).read(type, id, outputs, { name: "twice" });
            await plugin.as(name).diff(type, outputs, { name: "twice" }, outputs, id);
        }
        await plugin.as("new").delete(type, id, outputs);
        assert.equal(await exists("twice"), false);
    });
});
