import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { allResources, type Everything } from "../../support/allResources";
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
        prefix: uniqueName("drift"),
        upstream: harbor.lab.admin.url,
        singletons: harbor.isSandbox,
        systemRights: harbor.systemRights,
    };
    stack = await harbor.stack(allResources(everything));
    succeeded(await stack.up());
});

after(() => harbor.close());

test("reports edits in Harbor property by property, and up reverts them", async () => {
    const edited = await edit();
    const preview = succeeded(await stack.preview("--refresh"));
    assert.deepEqual(preview.diffs, edited);
    const up = succeeded(await stack.up("--refresh"));
    assert.deepEqual(up.diffs, edited);
    succeeded(await stack.refresh("--expect-no-changes"));
    succeeded(await stack.preview("--expect-no-changes"));
});

/** Changes each resource through Harbor's API; gives the properties that then differ. */
async function edit(): Promise<Record<string, readonly string[]>> {
    const kept = await keptBy(stack);
    const id = (name: string) => String(kept[name]?.id);
    const { admin } = harbor;
    const put = async (path: string, change: Record<string, unknown>) => {
        const before = (await admin("GET", path)) as Record<string, unknown>; // an object of Harbor's
        await admin("PUT", path, { ...before, ...change });
    };
    const project = Number(id("shop").split("/").pop());
    await admin("PUT", `/projects/${project}`, {
        metadata: { public: "false", severity: "critical", prevent_vul: "true" },
    });
    await put(id("ci"), { description: "edited" });
    const policy = (await admin("GET", id("keep"))) as { trigger: object }; // a retention policy
    await admin("PUT", id("keep"), {
        ...policy,
        trigger: { ...policy.trigger, kind: "Schedule", settings: { cron: "0 0 * * * *" } },
    });
    const rules = (await admin("GET", `/projects/${project}/immutabletagrules`)) as object[]; // rules
    await admin("PUT", id("fixed"), { ...rules[0], disabled: false });
    await put(id("label"), { color: "#FF0000" });
    await put(id("hook"), { event_types: ["PULL_ARTIFACT"], enabled: true });
    if (everything.systemRights) {
        const [quota] = (await admin(
            "GET",
            `/quotas?reference=project&reference_id=${project}`,
        )) as [{ id: number }]; // a list of Harbor's quotas
        await admin("PUT", `/quotas/${quota.id}`, { hard: { storage: 7 * 1024 ** 3 } });
        await admin("PUT", id("cache"), { metadata: { proxy_speed_kb: "512" } });
        await put(id("fleet"), { disable: false });
        await admin("PUT", id("upstream"), { description: "edited" });
        await put(id("person"), { comment: "edited" });
        await admin("PUT", id("member"), { role_id: 3 });
    }
    const system = {
        cache: ["proxySpeedKb"],
        fleet: ["disable"],
        upstream: ["description"],
        person: ["comment"],
        member: ["role"],
    };
    const singletons = {
        gc: ["workers"],
        purge: ["auditRetentionHour"],
    };
    if (everything.singletons) {
        const schedule = { type: "Weekly", cron: "0 0 0 * * 0" };
        await admin("PUT", "/system/gc/schedule", {
            schedule,
            parameters: { delete_untagged: true, workers: 5, dry_run: false },
        });
        await admin("PUT", "/system/purgeaudit/schedule", {
            schedule: { type: "Custom", cron: "0 30 2 * * *" },
            parameters: {
                audit_retention_hour: 72,
                include_event_types: "create_artifact,delete_artifact",
                dry_run: false,
            },
        });
    }
    return {
        shop: [
            "deploymentSecurity",
            "public",
            ...(everything.systemRights ? ["storageQuota"] : []),
        ],
        ci: ["description"],
        keep: ["schedule"],
        fixed: ["disabled"],
        label: ["color"],
        hook: ["enabled", "eventsTypes"],
        ...(everything.systemRights ? system : {}),
        ...(everything.singletons ? singletons : {}),
    };
}

test("creates what was deleted by hand again in up; destroy accepts what is already gone", async () => {
    const before = await keptBy(stack);
    const gone = ["ci", "fixed", "fleet", "hook", "label", "member"].filter((name) => before[name]);
    for (const name of gone) {
        await harbor.admin("DELETE", `${before[name]?.id}`);
    }
    const up = succeeded(await stack.up("--refresh"));
    const made = Object.entries(up.operations).filter(([, operation]) => operation === "create");
    assert.deepEqual(made.map(([name]) => name).sort(), gone);
    const now = await keptBy(stack);
    // Accounts that may not see all projects get 403 for the contents of a deleted project.
    const shop = everything.systemRights ? ["shop"] : [];
    for (const name of ["member", "person", "cache", ...shop, "fleet"]) {
        if (now[name]) await harbor.admin("DELETE", `${now[name]?.id}`);
    }
    succeeded(await stack.destroy());
    for (const name of ["shop", "cache", "upstream", "person"]) {
        if (now[name]) assert.equal(await harbor.statusOf(now[name]), 404, name);
    }
    succeeded(await stack.destroy());
});
