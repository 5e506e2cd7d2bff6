import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type MemoryRegistry, startMemoryRegistry } from "./memoryRegistry";
import { listArtifacts, pushImage } from "./pusher";
import { startTestHarbor, type TestHarbor } from "./testHarbor";

let registry: MemoryRegistry;
let harbor: TestHarbor;
before(async () => {
    registry = await startMemoryRegistry();
    harbor = await startTestHarbor({ upstreamUrl: registry.url });
});
after(async () => {
    await harbor.close();
    await registry.close();
});

interface Rule {
    readonly template: string;
    readonly count?: number;
    readonly tags: string;
    readonly untagged?: boolean;
    readonly decoration?: string;
}

const ruleOf = ({
    template,
    count,
    tags,
    untagged = true,
    decoration = "matches",
}: Rule): object => ({
    action: "retain",
    template,
    params: count === undefined ? {} : { [template]: count },
    tag_selectors: [
        { kind: "doublestar", decoration, pattern: tags, extras: JSON.stringify({ untagged }) },
    ],
    scope_selectors: {
        repository: [{ kind: "doublestar", decoration: "repoMatches", pattern: "**" }],
    },
});

/** Pushes v1, v2, pr-1 and an untagged image, runs the rules, and returns the remaining tags. */
async function remaining(project: string, rules: readonly Rule[]): Promise<string[]> {
    const made = await harbor.api("POST", "/projects", { project_name: project });
    const id = Number(made.headers.get("location")?.split("/").pop());
    for (const tag of ["v1", "v2", "pr-1", ""]) {
        await pushImage(harbor, `${project}/app`, tag, `layer ${tag}`);
    }
    const policy = await harbor.api("POST", "/retentions", {
        algorithm: "or",
        scope: { level: "project", ref: id },
        trigger: { kind: "Schedule", settings: { cron: "" } },
        rules: rules.map(ruleOf),
    });
    const path = `${policy.headers.get("location")?.replace("/api/v2.0", "")}/executions`;
    assert.equal((await harbor.api("POST", path, { dry_run: false })).status, 201);
    const left = await listArtifacts(harbor, project, "app");
    return left.map(({ tags }) => tags[0] ?? "untagged").sort();
}

test("keeps the newest artifacts that a rule selects, and deletes the others", async () => {
    const rule = { template: "latestPushedK", count: 1, tags: "v*", untagged: false };
    assert.deepEqual(await remaining("newest", [rule]), ["v2"]);
});

test("counts untagged artifacts unless the rule excludes them", async () => {
    const kept = await remaining("untagged", [{ template: "always", tags: "v*" }]);
    assert.deepEqual(kept, ["untagged", "v1", "v2"]);
});

test("keeps what any of several rules keeps", async () => {
    const rules = [
        { template: "latestPushedK", count: 1, tags: "v*", untagged: false },
        { template: "always", tags: "pr-*", untagged: false },
    ];
    assert.deepEqual(await remaining("several", rules), ["pr-1", "v2"]);
});

test("keeps everything with another tag when a pattern is excluded", async () => {
    const rule = { template: "always", tags: "pr-*", decoration: "excludes", untagged: true };
    assert.deepEqual(await remaining("excludes", [rule]), ["v1", "v2"]);
});

test("ignores artifacts without a pull for days since the last pull", async () => {
    const rule = { template: "nDaysSinceLastPull", count: 7, tags: "**" };
    assert.deepEqual(await remaining("pulled", [rule]), []);
});

test("deletes nothing for a rule of an unknown template, and its run fails", async () => {
    const left = await remaining("unknown", [{ template: "nope", count: 1, tags: "**" }]);
    assert.deepEqual(left, ["pr-1", "untagged", "v1", "v2"]);
});
