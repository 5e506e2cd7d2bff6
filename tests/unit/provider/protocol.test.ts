import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { schemaText } from "../../../src/provider/generate";
import { answer } from "../../support/faultyProxy";
import { secret, unknown, type Wire } from "../../support/pluginClient";
import { type ProviderBench, startProviderBench } from "../../support/providerBench";

const project = "harbor:index/project:Project";
const robot = "harbor:index/robotAccount:RobotAccount";

describe("the provider's protocol", () => {
    let bench: ProviderBench;
    before(async () => {
        bench = await startProviderBench();
    });
    after(() => bench.close());

    test("accepts secrets and automatic naming in the handshake", async () => {
        const { acceptSecrets, supportsAutonamingConfiguration } = await bench.plugin.handshake();
        assert.deepEqual([acceptSecrets, supportsAutonamingConfiguration], [true, true]);
    });

    test("serves the schema of the repository, derived from the declarations", async () => {
        const held = await readFile(join(__dirname, "../../../src/provider/schema.json"), "utf8");
        assert.equal(held, schemaText(JSON.parse(held)));
        assert.deepEqual(JSON.parse(await bench.plugin.getSchema()), JSON.parse(held));
    });

    test("derives a valid name for Harbor from the logical name, with seven digits", async () => {
        const { inputs } = await bench.plugin.check(project, {}, { name: "My Shop" });
        assert.match(String(inputs["name"]), /^my-shop-[0-9a-f]{7}$/);
        const again = await bench.plugin.check(project, {}, { name: "My Shop", olds: inputs });
        assert.deepEqual(again.inputs, inputs);
    });

    test("follows the engine's naming: proposed, enforced or turned off", async () => {
        const { PROPOSE, ENFORCE, DISABLE } = pb.CheckRequest.AutonamingOptions.Mode;
        const named = async (mode: pb.CheckRequest.AutonamingOptions.Mode) => {
            const autonaming = new pb.CheckRequest.AutonamingOptions();
            autonaming.setMode(mode);
            autonaming.setProposedName("Team-Shop");
            return bench.plugin.check(project, {}, { autonaming });
        };
        assert.equal((await named(PROPOSE)).inputs["name"], "team-shop");
        assert.equal((await named(ENFORCE)).inputs["name"], "Team-Shop");
        assert.deepEqual((await named(DISABLE)).failures, {
            name: "is missing, and automatic naming is turned off",
        });
    });

    test("keeps secrets secret from the check on", async () => {
        const permissions = [
            {
                kind: "project",
                namespace: "shop",
                accesses: [{ resource: "repository", action: "pull" }],
            },
        ];
        const { inputs } = await bench.plugin.check(robot, {
            name: "a",
            level: "project",
            permissions,
            description: secret("hidden"),
            secret: "GivenPlain1",
        });
        assert.deepEqual(inputs["description"], secret("hidden"));
        assert.deepEqual(inputs["secret"], secret("GivenPlain1"));
    });

    test("never shows a secret in a failure, neither in the property's value nor in the reason", async () => {
        const { failures } = await bench.plugin.check(project, {
            name: secret("Hidden Name"),
        });
        assert.deepEqual(failures, {
            "": `name: "[secret]" is not valid in Harbor: a project name is lower-case letters and digits, with single '.', '_' or '-' between them`,
        });
    });

    test("never shows a secret in the failure of another property, or in the spelling of JSON", async () => {
        const webhook = "harbor:index/projectWebhook:ProjectWebhook";
        const check = (given: Wire) => bench.plugin.check(webhook, given);
        const wrong = await check({ name: secret(['pa"ss']) });
        assert.equal(wrong.failures[""], 'name: ["[secret]"] is not text');
        const login = "harbor:index/configAuth:ConfigAuth";
        const { failures } = await bench.plugin.check(login, {
            authMode: secret("ldap_auth"),
            oidcName: "azure",
        });
        assert.match(failures["oidcName"] ?? "", /is not sent with "\[secret\]"; leave it out$/);
    });

    test("rejects a property that every JavaScript object has", async () => {
        const { failures } = await bench.plugin.check(project, { name: "a", constructor: "x" });
        assert.deepEqual(failures, { constructor: "no such property" });
    });

    test("removes a given secret from Harbor's error", async () => {
        await bench.plugin.create(project, { name: "hush-hush" });
        await assert.rejects(bench.plugin.create(project, { name: secret("hush-hush") }), {
            message: /^name: project "\[secret\]" already exists/,
        });
    });

    test("accepts unknown values in a check, and counts them as a difference", async () => {
        const { inputs, failures } = await bench.plugin.check(project, {
            name: unknown,
            storageQuota: unknown,
        });
        assert.deepEqual(failures, {});
        assert.deepEqual(inputs, { name: unknown, storageQuota: unknown });
        const diff = await bench.plugin.diff(project, { name: "a", storageQuota: 1 }, inputs);
        assert.deepEqual(diff.detailed, { name: "UPDATE_REPLACE", storageQuota: "UPDATE" });
    });

    test("accepts texts for numbers and booleans, as the bridge does", async () => {
        const { inputs } = await bench.plugin.check(project, {
            name: "a",
            public: "true",
            storageQuota: "5",
        });
        assert.deepEqual(inputs, { name: "a", public: true, storageQuota: 5 });
    });

    test("names an unknown property with the nearest one", async () => {
        const { failures } = await bench.plugin.check(project, { name: "a", storageQota: 5 });
        assert.deepEqual(failures, {
            storageQota: 'no such property; did you mean "storageQuota"?',
        });
    });

    test("shows no difference for state of the bridged provider with its notes", async () => {
        const olds = {
            __meta: '{"schema_version":"1"}',
            __pulumi_raw_state_delta: { obj: {} },
            id: "/projects/7",
            harborProjectId: "/projects/7",
            name: "shop",
            projectId: 7,
            registryId: 0,
            deploymentSecurity: "",
            storageQuota: -1,
            proxySpeedKb: -1,
            public: false,
            forceDestroy: false,
            vulnerabilityScanning: true,
        };
        const inputs = { __defaults: [], name: "shop" };
        const checked = await bench.plugin.check(project, { name: "shop" }, { olds: inputs });
        assert.deepEqual(checked.inputs, { name: "shop" });
        const diff = await bench.plugin.diff(project, olds, checked.inputs, inputs);
        assert.deepEqual(diff.detailed, {});
    });

    test("reports a difference by property, as added, changed or removed", async () => {
        const olds = { name: "a", public: true, deploymentSecurity: "high", storageQuota: -1 };
        const news = { name: "a", storageQuota: 3, cveAllowlists: ["CVE-1"] };
        const diff = await bench.plugin.diff(project, olds, news);
        assert.deepEqual(diff.detailed, {
            public: "DELETE",
            storageQuota: "UPDATE",
            deploymentSecurity: "DELETE",
            cveAllowlists: "ADD",
        });
    });

    test("records a creation that failed half-way, and the next update completes it", async () => {
        bench.proxy.inject({
            method: "PUT",
            path: "/projects/",
            act: answer(403, '{"errors":[{"code":"FORBIDDEN","message":"forbidden"}]}'),
        });
        const inputs = { name: "half", cveAllowlists: ["CVE-2026-1"] };
        let made: { id: string; properties: Record<string, unknown> } | undefined;
        await assert.rejects(bench.plugin.create(project, inputs), (error: Error) => {
            assert.match(error.message, /^project "half" was created, but Harbor answered 403/);
            made = error as unknown as typeof made; // InitFailed of the plugin client
            return true;
        });
        assert.ok(made);
        assert.match(made.id, /^\/projects\/\d+$/);
        const diff = await bench.plugin.diff(project, made.properties, inputs);
        assert.deepEqual(diff.detailed, { cveAllowlists: "ADD" });
        await bench.plugin.update(project, made.id, made.properties, inputs);
        const read = await bench.plugin.read(project, made.id);
        assert.deepEqual(read.inputs, inputs);
    });

    test("names an unknown resource with the nearest one", async () => {
        await assert.rejects(bench.plugin.check("harbor:index/project:Projct", {}), {
            message:
                'provider harbor has no resource harbor:index/project:Projct; did you mean "harbor:index/project:Project"?',
        });
    });
});
