import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { PluginClient, secret, unknown } from "../../support/pluginClient";

const type = "harbor:index/stamp:Stamp";
const first = { triggers: { slice: "sha256:1" }, values: { commit: "1" } };

/** A provider that knows no Harbor at all. */
describe("Stamp, without a Harbor", () => {
    let plugin: PluginClient;
    before(async () => {
        plugin = await PluginClient.start({});
        assert.deepEqual(await plugin.checkConfig({}), {});
        await plugin.configure({});
    });
    after(() => plugin.close());

    async function made() {
        const { inputs, failures } = await plugin.check(type, first);
        assert.deepEqual(failures, {});
        return plugin.create(type, inputs);
    }

    test("is created with the values of the run, also in a preview", async () => {
        const outputs = { ...first, stampId: "stamp" };
        assert.deepEqual(await made(), { id: "stamp", outputs });
        const preview = await plugin.create(type, first, { preview: true });
        assert.deepEqual(preview.outputs, { ...first, stampId: unknown });
    });

    test("shows no difference for other values alone", async () => {
        const { outputs } = await made();
        const news = { ...first, values: { commit: "2", time: "now" } };
        assert.deepEqual((await plugin.diff(type, outputs, news, first)).detailed, {});
    });

    test("shows a difference for another trigger, and renews the values, also in a preview", async () => {
        const { id, outputs } = await made();
        const news = { triggers: { slice: "sha256:2" }, values: { commit: "2" } };
        assert.deepEqual((await plugin.diff(type, outputs, news, first)).detailed, {
            triggers: "UPDATE",
        });
        const renewed = { ...news, stampId: "stamp" };
        assert.deepEqual(await plugin.update(type, id, outputs, news), renewed);
        assert.deepEqual(await plugin.update(type, id, outputs, news, { preview: true }), renewed);
    });

    test("keeps unknown values and triggers unknown in a preview", async () => {
        const { id, outputs } = await made();
        const news = { triggers: { slice: unknown }, values: unknown };
        assert.deepEqual((await plugin.diff(type, outputs, news, first)).detailed, {
            triggers: "UPDATE",
        });
        const preview = await plugin.update(type, id, outputs, news, { preview: true });
        assert.equal(preview["values"], unknown);
    });

    test("stays unchanged in a refresh when the program has other values", async () => {
        const { id, outputs } = await made();
        const inputs = { ...first, values: { commit: "3" } };
        assert.deepEqual(await plugin.read(type, id, outputs, inputs), { id, outputs, inputs });
    });

    test("rejects an import with the reason", async () => {
        await assert.rejects(plugin.read(type, "stamp"), {
            message: "a Stamp cannot be imported: it is in a stack's state and nowhere else",
        });
    });

    test("keeps secret values secret", async () => {
        const given = { ...first, values: secret(first.values) };
        const { id, outputs } = await plugin.create(type, given);
        assert.deepEqual(outputs["values"], secret(first.values));
        const read = await plugin.read(type, id, outputs, given);
        assert.deepEqual(read.outputs["values"], secret(first.values));
    });
});
