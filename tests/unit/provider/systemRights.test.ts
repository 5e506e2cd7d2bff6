import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type ProviderBench, startProviderBench } from "../../support/providerBench";

const given = {
    "harbor:index/replication:Replication": { name: "a", action: "pull", registryId: 1 },
    "harbor:index/preheatInstance:PreheatInstance": {
        name: "a",
        vendor: "kraken",
        endpoint: "http://kraken.example.com",
    },
    "harbor:index/interrogationServices:InterrogationServices": {
        vulnerabilityScanPolicy: "Daily",
    },
    "harbor:index/tasks:Tasks": { vulnerabilityScanPolicy: "daily" },
    "harbor:index/configAuth:ConfigAuth": { authMode: "db_auth" },
};

describe("a login without system rights", () => {
    let bench: ProviderBench;
    before(async () => {
        bench = await startProviderBench();
        await bench.becomeUser("alice");
    });
    after(() => bench.close());

    for (const [type, inputs] of Object.entries(given)) {
        test(`reports that ${type.split(":")[2]} needs system rights`, async () => {
            const { inputs: checked, failures } = await bench.plugin.check(type, inputs);
            assert.deepEqual(failures, {});
            await assert.rejects(bench.plugin.create(type, checked), {
                message:
                    /^Harbor answered 403 FORBIDDEN: alice \((GET|POST|PUT) \S+\)\. The configured login lacks the right to do this: it needs a system administrator$/,
            });
        });
    }
});
