import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { getSettings } from "../../../src/provider/harbor/settings";
import { answer } from "../../support/faultyProxy";
import { change, driftOf, importDiff, make, removeTwice } from "../../support/lifecycle";
import { type ProviderBench, startProviderBench } from "../../support/providerBench";

const system = "harbor:index/configSystem:ConfigSystem";
const security = "harbor:index/configSecurity:ConfigSecurity";
const group = "harbor:index/group:Group";

describe("resources of all of Harbor", () => {
    let bench: ProviderBench;
    before(async () => {
        bench = await startProviderBench();
    });
    after(() => bench.close());

    test("sets given values and defaults with ConfigSystem, and refreshes without a difference", async () => {
        const made = await make(bench, system, {
            projectCreationRestriction: "everyone",
            storagePerProject: 2,
            bannerMessage: { message: "hello", type: "warning" },
        });
        const settings = await getSettings(bench.harbor.client());
        assert.equal(settings?.["storage_per_project"], 2 * 1024 ** 3);
        assert.deepEqual(JSON.parse(String(settings?.["banner_message"])), {
            message: "hello",
            closable: false,
            type: "warning",
            fromDate: "",
            toDate: "",
        });
        assert.deepEqual(await driftOf(bench, system, made), {});
        const changed = await change(bench, system, made, { sessionTimeout: 30 });
        assert.deepEqual(await driftOf(bench, system, changed), {});
    });

    test("reports a banner that is not JSON, with the request", async () => {
        const body = JSON.stringify({ banner_message: { value: "<b>hello</b>", editable: true } });
        const act = answer(200, body, { "content-type": "application/json" });
        bench.proxy.inject({ method: "GET", path: "/configurations", act });
        await assert.rejects(bench.plugin.read(system, "configuration/system"), {
            message: `unexpected answer: banner_message should be an object, is "<b>hello</b>" (GET ${bench.proxy.url}/api/v2.0/configurations)`,
        });
    });

    test("imports ConfigSystem only by its one id (fault 12: any text)", async () => {
        const made = await make(bench, system, { tokenExpiration: 45 });
        assert.deepEqual(await importDiff(bench, system, "configuration/system", made.inputs), {
            id: "configuration/system",
            detailed: {},
        });
        await assert.rejects(bench.plugin.read(system, "anything"), {
            message: '"anything" does not exist; the only id is configuration/system',
        });
    });

    test("prevents a loss of the audit log in ConfigSystem", async () => {
        const { failures } = await bench.plugin.check(system, {
            skipAuditLogDatabase: true,
            sessionTimeout: 0,
        });
        assert.deepEqual(failures, {
            sessionTimeout: "0 is not a whole number from 1 to 2147483647",
            auditLogForwardEndpoint:
                "is missing: without it, skipAuditLogDatabase would lose the audit log",
        });
    });

    test("keeps the system's CVE list with ConfigSecurity, in any order, and imports it only by its one id (fault 12)", async () => {
        const made = await make(bench, security, { cveAllowlists: ["CVE-1", "CVE-2"] });
        assert.equal(made.id, "/system/CVEAllowlist");
        const reordered = { cveAllowlists: ["CVE-2", "CVE-1"] };
        assert.deepEqual((await bench.plugin.diff(security, made.outputs, reordered)).detailed, {});
        assert.deepEqual(await importDiff(bench, security, made.id, made.inputs), {
            id: made.id,
            detailed: {},
        });
        await assert.rejects(bench.plugin.read(security, "anything"), {
            message: '"anything" does not exist; the only id is /system/CVEAllowlist',
        });
        await bench.plugin.delete(security, made.id, made.outputs);
        const after = await bench.plugin.read(security, made.id, made.outputs, made.inputs);
        assert.deepEqual(after.outputs["cveAllowlists"], []);
    });

    test("creates and imports Group, and replaces it for every change", async () => {
        const inputs = { groupName: "devs", groupType: 3 };
        const made = await make(bench, group, inputs);
        assert.deepEqual(await importDiff(bench, group, made.id, inputs), {
            id: made.id,
            detailed: {},
        });
        const diff = await bench.plugin.diff(group, made.outputs, { ...inputs, groupType: 2 });
        assert.deepEqual(diff.detailed, { groupType: "UPDATE_REPLACE" });
        await assert.rejects(make(bench, group, inputs), {
            message:
                /^groupName: .*To manage it here, import it: `pulumi import harbor:index\/group:Group/,
        });
        await removeTwice(bench, group, made);
    });

    test("requires a distinguished name for an LDAP group", async () => {
        const { failures } = await bench.plugin.check(group, { groupName: "g", groupType: 1 });
        assert.deepEqual(failures, {
            ldapGroupDn: "is missing: an LDAP group (groupType 1) needs it",
        });
    });
});
