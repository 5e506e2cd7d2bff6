import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
    allNames,
    allResources,
    applicable,
    type Changes,
    type Everything,
} from "../../support/allResources";
import { type HarborLab, keptBy, openHarborLab } from "../../support/harborLab";
import { uniqueName } from "../../support/lab";
import { succeeded } from "../../support/run";
import type { TestStack } from "../../support/stack";

let harbor: HarborLab;
let stack: TestStack;
let everything: Everything;

before(async () => {
    harbor = await openHarborLab();
    everything = {
        prefix: uniqueName("all"),
        upstream: harbor.lab.admin.url,
        singletons: harbor.isSandbox,
        systemRights: harbor.systemRights,
    };
    stack = await harbor.stack(allResources(everything));
});

after(() => harbor.close());

const every = (operation: string) =>
    Object.fromEntries(allNames(everything).map((name) => [name, operation]));

test("predicts a creation of each in the first preview, and asks only whether the projects' names are free and quotas may be set", async () => {
    const preview = succeeded(await stack.preview());
    assert.deepEqual(preview.operations, every("create"));
    const requests = harbor.takeRequests();
    const { prefix, systemRights } = everything;
    assert.deepEqual(requests.filter((line) => !line.startsWith("GET /users/current")).sort(), [
        ...(systemRights ? ["GET /quotas?reference=project&page_size=1"] : []),
        `HEAD /projects?project_name=${prefix}`,
    ]);
});

test("creates each in up; another up changes nothing and sends no request to Harbor", async () => {
    assert.deepEqual(succeeded(await stack.up()).operations, every("create"));
    harbor.takeRequests();
    const again = succeeded(await stack.up());
    assert.deepEqual(again.operations, every("same"));
    assert.deepEqual(harbor.takeRequests(), []);
});

test("only reads in a refresh, and finds every resource unchanged", async () => {
    succeeded(await stack.refresh("--expect-no-changes"));
    const writes = harbor.takeRequests().filter((line) => !line.startsWith("GET "));
    assert.deepEqual(writes, []);
    succeeded(await stack.preview("--expect-no-changes"));
});

const updates: Changes = {
    shop: {
        public: false,
        storageQuota: -1,
        vulnerabilityScanning: true,
        autoSbomGeneration: false,
        deploymentSecurity: "none",
        cveAllowlists: ["CVE-2024-0003"],
        enableContentTrust: true,
        enableContentTrustCosign: false,
    },
    upstream: { description: "other" },
    cache: { proxySpeedKb: 100, proxyCacheLocalOnNotFound: true, public: true },
    ci: { description: "other", duration: -1, disable: true },
    fleet: {
        disable: false,
        permissions: [
            {
                kind: "project",
                namespace: "*",
                accesses: [{ resource: "repository", action: "pull" }],
            },
        ],
    },
    keep: {
        schedule: "",
        rules: [{ mostRecentlyPushed: 3, repoMatching: "**", tagMatching: "**" }],
    },
    fixed: { tagExcluding: "", tagMatching: "v*", disabled: false },
    label: { color: "#00FF00", description: "other" },
    hook: {
        address: "http://127.0.0.1:9/other",
        authHeader: "Bearer Webhook-Secret-2",
        eventsTypes: ["PULL_ARTIFACT"],
        payloadFormat: "Default",
        description: "other",
        enabled: true,
        skipCertVerify: true,
    },
    person: { fullName: "Other", comment: "other", password: "Passw0rd-Of-Other" },
    member: { role: "guest" },
};
const singletonUpdates: Changes = {
    gc: { schedule: "Daily", deleteUntagged: false, workers: 1 },
    purge: { schedule: "Hourly", auditRetentionHour: 24, includeEventTypes: "delete_artifact" },
};

test("updates every property that may change in place", async () => {
    const wanted = standing();
    await stack.program(allResources(everything, wanted));
    const up = succeeded(await stack.up());
    assert.deepEqual(up.operations, every("update"));
    const top = Object.entries(up.diffs).map(([name, paths]) => [
        name,
        [...new Set(paths.map((path) => path.split(/[.[]/)[0]))].sort(),
    ]);
    const expected = Object.entries(wanted).map(([name, inputs]) => [
        name,
        Object.keys(inputs).sort(),
    ]);
    assert.deepEqual(Object.fromEntries(top), Object.fromEntries(expected));
    succeeded(await stack.refresh("--expect-no-changes"));
    succeeded(await stack.preview("--expect-no-changes"));
});

/** What the last update left. */
const standing = (): Changes => applicable(everything, { ...updates, ...singletonUpdates });

/** These inputs over those of the last update. */
const merged = (changes: Changes): Changes =>
    Object.fromEntries(
        Object.entries(changes).map(([name, inputs]) => [name, { ...standing()[name], ...inputs }]),
    );

test("replaces a resource for what Harbor cannot change, by property in the preview", async () => {
    const { prefix } = everything;
    const elsewhere = "/projects/1";
    const rounds: readonly Changes[] = [
        {
            cache: { name: `${prefix}-cache2` },
            ci: { name: "ci2" },
            fleet: { name: `${prefix}-fleet2` },
            keep: { scope: elsewhere },
            fixed: { projectId: elsewhere },
            label: { projectId: elsewhere },
            hook: { name: `${prefix}-hook2` },
            member: { userName: "admin" },
            person: { username: `${prefix}-other` },
        },
        {
            cache: { registryId: 0, proxySpeedKb: -1, proxyCacheLocalOnNotFound: false },
            ci: { level: "system" },
            hook: { projectId: elsewhere },
            member: { projectId: elsewhere },
        },
    ];
    for (const round of rounds.map((all) => applicable(everything, all))) {
        await stack.program(allResources(everything, { ...standing(), ...merged(round) }));
        const preview = succeeded(await stack.preview());
        const replaced = Object.entries(preview.operations).filter(([, op]) => /replac/.test(op));
        assert.deepEqual(replaced.map(([name]) => name).sort(), Object.keys(round).sort());
        for (const [name, inputs] of Object.entries(round)) {
            assert.deepEqual(preview.diffs[name], Object.keys(inputs).sort(), name);
        }
    }
});

test("replaces what blocks the deletion of a replaced resource", async (context) => {
    if (!harbor.systemRights) return context.skip("registries need a system administrator");
    const kind = { upstream: { providerName: "docker-registry" } };
    await stack.program(allResources(everything, { ...standing(), ...merged(kind) }));
    const preview = succeeded(await stack.preview());
    const replaced = Object.entries(preview.operations).filter(([, op]) => /replac/.test(op));
    assert.deepEqual(replaced.map(([name]) => name).sort(), ["cache", "upstream"]);
    assert.deepEqual(preview.diffs["upstream"], ["providerName"]);
});

test("deletes each in destroy; another destroy has nothing to do", async () => {
    const kept = await keptBy(stack);
    await stack.program(allResources(everything, standing()));
    assert.deepEqual(succeeded(await stack.destroy()).operations, every("delete"));
    for (const name of ["shop", "cache", "upstream", "person", "fleet"]) {
        if (kept[name]) assert.equal(await harbor.statusOf(kept[name]), 404, name);
    }
    assert.deepEqual(succeeded(await stack.destroy()).operations, {});
});
