import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { change, driftOf, importDiff, make, removeTwice } from "../../support/lifecycle";
import { secret } from "../../support/pluginClient";
import { type ProviderBench, startProviderBench } from "../../support/providerBench";

const type = "harbor:index/registry:Registry";

describe("Registry", () => {
    let bench: ProviderBench;
    let upstream: Server;
    let endpointUrl: string;
    before(async () => {
        bench = await startProviderBench();
        upstream = createServer((_, response) => response.end("{}"));
        await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
        const { port } = upstream.address() as AddressInfo; // a TCP server that listens has a port
        endpointUrl = `http://127.0.0.1:${port}`;
    });
    after(async () => {
        upstream.close();
        await bench.close();
    });

    const hub = (name: string, extra: object = {}) => ({
        name,
        providerName: "docker-registry",
        endpointUrl,
        ...extra,
    });

    test("creates and refreshes a registry without a difference, with its number for proxy-cache projects", async () => {
        const made = await make(bench, type, hub("hub", { description: "d" }));
        assert.equal(made.id, `/registries/${made.outputs["registryId"]}`);
        assert.equal(made.outputs["status"], "healthy");
        assert.deepEqual(await driftOf(bench, type, made), {});
    });

    test("creates a proxy-cache project of a registry, which cannot be deleted first", async () => {
        const made = await make(bench, type, hub("cached"));
        const project = "harbor:index/project:Project";
        const cache = await make(bench, project, {
            name: "cache",
            registryId: made.outputs["registryId"],
            proxySpeedKb: 512,
            proxyCacheLocalOnNotFound: true,
        });
        assert.deepEqual(await driftOf(bench, project, cache), {});
        await assert.rejects(bench.plugin.delete(type, made.id, made.outputs), {
            message:
                'registry "cached" is still the upstream of a proxy-cache project; delete that project first',
        });
        await removeTwice(bench, project, cache);
        await removeTwice(bench, type, made);
    });

    test("rejects settings of a proxy cache in other projects (Harbor drops them)", async () => {
        const { failures } = await bench.plugin.check("harbor:index/project:Project", {
            name: "plain",
            proxySpeedKb: 512,
        });
        assert.deepEqual(failures, {
            proxySpeedKb:
                "512 has no meaning for a project that is not a proxy cache, and Harbor drops it; set registryId or remove it",
        });
    });

    test("keeps a secret in a refresh, although Harbor answers with stars", async () => {
        const made = await make(
            bench,
            type,
            hub("login", { accessId: "u", accessSecret: "s3cret" }),
        );
        const read = await bench.plugin.read(type, made.id, made.outputs, made.inputs);
        assert.deepEqual(read.outputs["accessSecret"], secret("s3cret"));
        assert.deepEqual(await driftOf(bench, type, made), {});
    });

    test("ends an import by id, number or name in the canonical id without a diff", async () => {
        const inputs = hub("imported", { endpointUrl: `${endpointUrl}/` });
        const { id } = await make(bench, type, inputs);
        for (const form of [id, id.replace("/registries/", ""), "imported"]) {
            assert.deepEqual(await importDiff(bench, type, form, inputs), { id, detailed: {} });
        }
    });

    test("translates the bridged provider's names of kinds to Harbor's adapters", async () => {
        const olds = { name: "gh", providerName: "github", endpointUrl: "https://ghcr.io" };
        const same = await bench.plugin.diff(type, olds, { ...olds, providerName: "github-ghcr" });
        assert.deepEqual(same.detailed, {});
        const other = await bench.plugin.diff(type, olds, { ...olds, providerName: "quay" });
        assert.deepEqual(other.detailed, { providerName: "UPDATE_REPLACE" });
        assert.equal(other.deleteBeforeReplace, true);
        const { failures } = await bench.plugin.check(type, { ...olds, providerName: "docker-hb" });
        assert.match(failures["providerName"] ?? "", /; did you mean "docker-hub"\?$/);
    });

    test("reports a registry that Harbor cannot reach by property", async () => {
        const unreachable = make(bench, type, hub("dead", { endpointUrl: "http://127.0.0.1:1" }));
        await assert.rejects(unreachable, {
            message:
                "endpointUrl: Harbor cannot use the registry at http://127.0.0.1:1: it cannot be reached from Harbor, its certificate is not trusted, or accessId and accessSecret are refused (the registry is unhealthy)",
        });
    });

    test("changes a registry in place", async () => {
        const made = await make(bench, type, hub("moving"));
        const changed = await change(bench, type, made, hub("moved", { description: "new" }));
        assert.deepEqual(await driftOf(bench, type, changed), {});
    });

    test("deletes twice without an error (fault 13: 404 on delete)", async () => {
        await removeTwice(bench, type, await make(bench, type, hub("gone")));
    });
});
