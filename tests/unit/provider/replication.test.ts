import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { createRegistry } from "../../../src/provider/harbor/registry";
import { getReplicationPolicy } from "../../../src/provider/harbor/replication";
import { answer, reset } from "../../support/faultyProxy";
import { change, driftOf, importDiff, make, removeTwice } from "../../support/lifecycle";
import { type ProviderBench, startProviderBench } from "../../support/providerBench";

const type = "harbor:index/replication:Replication";

describe("Replication", () => {
    let bench: ProviderBench;
    let upstream: Server;
    let registryId: number;
    before(async () => {
        bench = await startProviderBench();
        upstream = createServer((_, response) => response.end("{}"));
        await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
        const { port } = upstream.address() as AddressInfo; // a TCP server that listens has a port
        registryId = await anotherRegistry("hub", port);
    });
    after(async () => {
        upstream.close();
        await bench.close();
    });

    async function anotherRegistry(name: string, port: number): Promise<number> {
        const made = await createRegistry(bench.harbor.client(), {
            name,
            type: "docker-registry",
            url: `http://127.0.0.1:${port}`,
            description: "",
            insecure: false,
            caCertificate: "",
            accessKey: "",
            accessSecret: "",
        });
        return made.value;
    }

    const pull = (name: string, extra: object = {}) => ({
        name,
        action: "pull",
        registryId,
        ...extra,
    });
    const inHarbor = async (id: string) => {
        const found = await getReplicationPolicy(
            bench.harbor.client(),
            Number(id.split("/").pop()),
        );
        assert.ok(found);
        return found;
    };

    test("creates a policy with every input, refreshes it without a difference and deletes it twice (fault 13)", async () => {
        const made = await make(
            bench,
            type,
            pull("all", {
                description: "d",
                schedule: "0 30 2 * * *",
                destNamespace: "mirror/hub",
                destNamespaceReplace: 1,
                enabled: false,
                override: false,
                deletion: true,
                speed: 512,
                copyByChunk: true,
                singleActiveReplication: true,
                filters: [
                    { name: "library/**" },
                    { tag: "v*", decoration: "excludes" },
                    { labels: ["b", "a"] },
                    { resource: "image" },
                ],
            }),
        );
        assert.equal(made.id, `/replication/policies/${made.outputs["replicationPolicyId"]}`);
        const { createdMs: _, id: __, ...kept } = await inHarbor(made.id);
        assert.deepEqual(kept, {
            name: "all",
            description: "d",
            action: "pull",
            registryId,
            destinationNamespace: "mirror/hub",
            replaceCount: 1,
            trigger: { type: "scheduled", cron: "0 30 2 * * *" },
            filters: [
                { type: "name", value: "library/**", decoration: undefined },
                { type: "tag", value: "v*", decoration: "excludes" },
                { type: "label", value: ["b", "a"], decoration: "matches" },
                { type: "resource", value: "image", decoration: undefined },
            ],
            deletion: true,
            override: false,
            enabled: false,
            speedKb: 512,
            copyByChunk: true,
            singleActive: true,
        });
        assert.deepEqual(await driftOf(bench, type, made), {});
        await removeTwice(bench, type, made);
    });

    test("has the bridged provider's defaults, and reads Harbor's 0 for no limit as -1", async () => {
        const made = await make(bench, type, pull("plain"));
        const kept = await inHarbor(made.id);
        assert.deepEqual(
            [kept.enabled, kept.override, kept.deletion, kept.replaceCount, kept.speedKb],
            [true, true, false, 0, 0],
        );
        assert.deepEqual(kept.trigger, { type: "manual", cron: undefined });
        const read = await bench.plugin.read(type, made.id, made.outputs, made.inputs);
        assert.equal(read.outputs["speed"], -1);
        assert.deepEqual(await driftOf(bench, type, made), {});
        await removeTwice(bench, type, made);
    });

    test("sees changes in Harbor: filters, speed, description (fault 10)", async () => {
        const made = await make(bench, type, pull("drift", { filters: [{ name: "a" }] }));
        const { id, createdMs: _, ...kept } = await inHarbor(made.id);
        await bench.harbor.client().put(`/replication/policies/${id}`, {
            name: kept.name,
            src_registry: { id: registryId },
            trigger: { type: "event_based" },
            filters: [{ type: "name", value: "b" }],
            speed: 7,
            description: "edited",
            enabled: true,
            override: true,
            dest_namespace_replace_count: 0,
        });
        assert.deepEqual(await driftOf(bench, type, made), {
            description: "DELETE",
            filters: "UPDATE",
            schedule: "DELETE",
            speed: "DELETE",
        });
        const mended = await change(bench, type, made, made.inputs);
        assert.deepEqual(await driftOf(bench, type, mended), {});
        await removeTwice(bench, type, made);
    });

    test("applies all conditions of one filter (fault 22)", async () => {
        const one = { name: "library/**", tag: "v1, v2", labels: ["qa"], resource: "image" };
        const made = await make(bench, type, pull("several", { filters: [one] }));
        const { filters } = await inHarbor(made.id);
        assert.deepEqual(
            filters.map((filter) => [filter.type, filter.value]),
            [
                ["name", "library/**"],
                ["tag", "v1,v2"],
                ["label", ["qa"]],
                ["resource", "image"],
            ],
        );
        assert.deepEqual(await driftOf(bench, type, made), {});
        await removeTwice(bench, type, made);
    });

    test("ends an import by id, number or name in the canonical id without a diff", async () => {
        const inputs = pull("imported", { schedule: "Daily", filters: [{ tag: "*" }] });
        const made = await make(bench, type, { ...inputs, executeOnChanged: false });
        for (const form of [made.id, made.id.split("/").pop() ?? "", "imported"]) {
            const program = { ...inputs, executeOnChanged: true };
            assert.deepEqual(await importDiff(bench, type, form, program), {
                id: made.id,
                detailed: {},
            });
        }
        assert.equal((await bench.plugin.read(type, "/replication/policies/9999")).id, "");
        await removeTwice(bench, type, made);
    });

    test("runs a policy with executeOnChanged after its creation and after changes only", async () => {
        const executions = "/replication/executions";
        const inject = () =>
            bench.proxy.inject({ method: "POST", path: executions, act: answer(201) });
        inject();
        const made = await make(bench, type, pull("run", { executeOnChanged: true }));
        inject();
        await change(bench, type, made, { ...made.inputs, description: "changed" });
        const bodies = bench.proxy.passed.filter(({ path }) => path.endsWith(executions));
        const run = JSON.stringify({ policy_id: made.outputs["replicationPolicyId"] });
        assert.deepEqual(
            bodies.map(({ body }) => body),
            [run, run],
        );
        assert.deepEqual(await driftOf(bench, type, made), { description: "DELETE" });
        await removeTwice(bench, type, made);
    });

    test("keeps a policy that could not run, so that nothing is left over (fault 23)", async () => {
        const refusal = JSON.stringify({ errors: [{ code: "UNKNOWN", message: "no worker" }] });
        const path = "/replication/executions";
        bench.proxy.inject({ method: "POST", path, act: answer(500, refusal) });
        await assert.rejects(
            make(bench, type, pull("kept", { executeOnChanged: true })),
            (error) => {
                const { id, message } = error as Error & { id: string }; // what the plugin client throws
                assert.match(id, /^\/replication\/policies\/\d+$/);
                assert.match(
                    message,
                    /^executeOnChanged: replication policy "kept" was saved, but could not run: Harbor answered 500 UNKNOWN: no worker/,
                );
                return true;
            },
        );
    });

    test("reports a taken name and a missing registry by property", async () => {
        const made = await make(bench, type, pull("taken"));
        await assert.rejects(make(bench, type, pull("taken")), {
            message:
                "name: replication policy taken already exists. To manage it here, import it: `pulumi import harbor:index/replication:Replication NAME taken`",
        });
        await assert.rejects(make(bench, type, pull("lost", { registryId: 999 })), {
            message:
                "registryId: Harbor has no registry 999; pass registryId of a harbor.Registry or of getRegistry",
        });
        await removeTwice(bench, type, made);
    });

    test("does not delete a running policy, nor its registry before it", async () => {
        const made = await make(bench, type, pull("busy"));
        const refusal = JSON.stringify({
            errors: [{ code: "PRECONDITION", message: "an execution is not in final status" }],
        });
        const { id, outputs } = made;
        bench.proxy.inject({ method: "DELETE", path: id, act: answer(412, refusal) });
        await assert.rejects(bench.plugin.delete(type, id, outputs), {
            message:
                'replication policy "busy" is running; wait until it is done, or stop it in Harbor (an execution is not in final status)',
        });
        const registry = "harbor:index/registry:Registry";
        await assert.rejects(
            bench.plugin.delete(registry, `/registries/${registryId}`, { name: "hub" }),
            {
                message:
                    'registry "hub" is still in use by a replication policy; delete that policy first',
            },
        );
        await removeTwice(bench, type, made);
    });

    test("creates one policy although the answer is lost", async () => {
        bench.proxy.inject({
            method: "POST",
            path: "/replication/policies",
            afterwards: true,
            act: reset,
        });
        const made = await make(bench, type, pull("lost-answer"));
        assert.deepEqual(await driftOf(bench, type, made), {});
        await removeTwice(bench, type, made);
    });
});
