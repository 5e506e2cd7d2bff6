import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { answer } from "../../support/faultyProxy";
import { change, driftOf, importDiff, make, removeTwice } from "../../support/lifecycle";
import { secret, unknown } from "../../support/pluginClient";
import { type ProviderBench, startProviderBench } from "../../support/providerBench";

const type = "harbor:index/preheatInstance:PreheatInstance";

describe("PreheatInstance", () => {
    let bench: ProviderBench;
    before(async () => {
        bench = await startProviderBench();
    });
    after(() => bench.close());

    const dragonfly = (name: string, extra: object = {}) => ({
        name,
        vendor: "dragonfly",
        endpoint: `http://${name}.example.com`,
        ...extra,
    });

    test("creates an instance, refreshes it without a difference and imports it by id or name", async () => {
        const inputs = dragonfly("p2p", { description: "d", default: true, insecure: true });
        const made = await make(bench, type, inputs);
        assert.equal(made.id, "/p2p/preheat/instances/p2p");
        assert.deepEqual(await driftOf(bench, type, made), {});
        for (const form of [made.id, "p2p"]) {
            assert.deepEqual(await importDiff(bench, type, form, inputs), {
                id: made.id,
                detailed: {},
            });
        }
        await removeTwice(bench, type, made);
    });

    test("changes an instance in place, under its number (fault 26)", async () => {
        const made = await make(bench, type, dragonfly("moving"));
        const changed = await change(
            bench,
            type,
            made,
            dragonfly("moving", { endpoint: "http://moved.example.com", enabled: false }),
        );
        assert.deepEqual(await driftOf(bench, type, changed), {});
        const { endpoint, enabled } = (
            await bench.plugin.read(type, made.id, changed.outputs, changed.inputs)
        ).outputs;
        assert.deepEqual([endpoint, enabled], ["http://moved.example.com", false]);
        await removeTwice(bench, type, changed);
    });

    test("sends credentials, keeps them secret and keeps them in a refresh, although Harbor does not return them", async () => {
        const basic = { authMode: "BASIC", username: "u", password: "Preheat-Secret-1" };
        const made = await make(bench, type, dragonfly("basic", basic));
        const sent = bench.proxy.passed.filter(({ method }) => method === "POST").at(-1);
        assert.deepEqual(JSON.parse(sent?.body ?? "").auth_info, {
            username: "u",
            password: "Preheat-Secret-1",
        });
        assert.deepEqual(made.outputs["password"], secret("Preheat-Secret-1"));
        const read = await bench.plugin.read(type, made.id, made.outputs, made.inputs);
        assert.deepEqual(read.outputs["password"], secret("Preheat-Secret-1"));
        assert.equal(read.outputs["username"], "u");
        assert.deepEqual(await driftOf(bench, type, made), {});
        const imported = await importDiff(bench, type, "basic", made.inputs);
        assert.deepEqual(imported, { id: made.id, detailed: {} });
        const token = dragonfly("basic", { authMode: "OAUTH", token: "Preheat-Token-1" });
        await change(bench, type, made, token);
        const put = bench.proxy.passed.filter(({ method }) => method === "PUT").at(-1);
        assert.deepEqual(JSON.parse(put?.body ?? "").auth_info, { token: "Preheat-Token-1" });
        await removeTwice(bench, type, made);
    });

    test("sees another user name where Harbor returns it", async () => {
        const basic = { authMode: "BASIC", username: "u", password: "Preheat-Secret-1" };
        const made = await make(bench, type, dragonfly("told", basic));
        const told = { ...dragonfly("told"), id: 1, auth_mode: "BASIC", enabled: true };
        const body = JSON.stringify({ ...told, auth_info: { username: "v" } });
        const headers = { "content-type": "application/json" };
        bench.proxy.inject({ method: "GET", path: made.id, act: answer(200, body, headers) });
        assert.deepEqual(await driftOf(bench, type, made), { username: "UPDATE" });
        await removeTwice(bench, type, made);
    });

    test("replaces an instance for a new name or vendor, and deletes the old one first to free the address (fault 26)", async () => {
        const olds = dragonfly("p2p");
        const renamed = await bench.plugin.diff(type, olds, { ...olds, name: "other" });
        assert.deepEqual(renamed.detailed, { name: "UPDATE_REPLACE" });
        assert.equal(renamed.deleteBeforeReplace, true);
        const vendor = await bench.plugin.diff(type, olds, { ...olds, vendor: "kraken" });
        assert.deepEqual(vendor.detailed, { vendor: "UPDATE_REPLACE" });
    });

    test("reports everything that Harbor would refuse together, by path", async () => {
        const { failures } = await bench.plugin.check(type, {
            name: "a__b",
            vendor: "krakn",
            endpoint: "p2p.example.com",
            authMode: "BASIC",
            username: "u",
        });
        assert.deepEqual(failures, {
            name: '"a__b" is not valid in Harbor: letters and digits, with single ".", "_" or "-" between them',
            vendor: '"krakn" is not one of "dragonfly", "kraken"; did you mean "kraken"?',
            endpoint: '"p2p.example.com" is not an address; expected http://… or https://…',
            // A secret is not named as the property: the engine would show its value.
            "": 'password: is missing: authMode "BASIC" needs it',
        });
        const extra = { ...dragonfly("x"), username: "u", token: "Preheat-Token-2" };
        const reason =
            'is not sent with authMode "NONE"; leave it out, or give the authMode it belongs to';
        assert.deepEqual((await bench.plugin.check(type, extra)).failures, {
            username: reason,
            "": `token: ${reason}`,
        });
        const later = { ...dragonfly("x"), authMode: "OAUTH", token: unknown };
        assert.deepEqual((await bench.plugin.check(type, later)).failures, {});
        const mode = await bench.plugin.check(type, { ...dragonfly("x"), authMode: "basic" });
        assert.deepEqual(mode.failures, {
            authMode: '"basic" is not one of "NONE", "BASIC", "OAUTH"; did you mean "BASIC"?',
        });
    });

    test("reports a taken name and a taken address (a bare 500) by property", async () => {
        const made = await make(bench, type, dragonfly("taken"));
        const elsewhere = { endpoint: "http://elsewhere.example.com" };
        await assert.rejects(make(bench, type, dragonfly("taken", elsewhere)), {
            message:
                "name: instance taken already exists. To manage it here, import it: `pulumi import harbor:index/preheatInstance:PreheatInstance NAME taken`",
        });
        const { endpoint } = made.inputs;
        await assert.rejects(make(bench, type, dragonfly("second", { endpoint })), {
            message:
                'endpoint: "http://taken.example.com" is already the address of the preheat instance "taken"; Harbor accepts each address once',
        });
        await removeTwice(bench, type, made);
    });

    test("sees and reverts another default instance", async () => {
        const made = await make(bench, type, dragonfly("first", { default: true }));
        const other = await make(bench, type, dragonfly("other"));
        await change(bench, type, other, dragonfly("other", { default: true }));
        assert.deepEqual(await driftOf(bench, type, made), { default: "UPDATE" });
        await removeTwice(bench, type, made);
        await removeTwice(bench, type, other);
    });

    test("does not delete an instance that projects use, and creates a deleted one again after a refresh", async () => {
        const made = await make(bench, type, dragonfly("used"));
        const refusal = JSON.stringify({
            errors: [{ code: "PRECONDITION", message: "some preheat policies are using it" }],
        });
        bench.proxy.inject({ method: "DELETE", path: made.id, act: answer(412, refusal) });
        await assert.rejects(bench.plugin.delete(type, made.id, made.outputs), {
            message:
                'preheat instance "used" is still used by preheat policies of projects; delete those first (some preheat policies are using it)',
        });
        await removeTwice(bench, type, made);
        await assert.rejects(change(bench, type, made, dragonfly("used", { enabled: false })), {
            message:
                'preheat instance "used" no longer exists in Harbor; `pulumi up --refresh` creates it again',
        });
    });
});
