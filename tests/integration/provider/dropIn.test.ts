import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before } from "node:test";
import {
    type HarborLab,
    type Kept,
    keptBy,
    needingSystemRights,
    openHarborLab,
} from "../../support/harborLab";
import { uniqueName } from "../../support/lab";
import { succeeded } from "../../support/run";
import type { TestStack } from "../../support/stack";

// Written as for the bridged provider's SDK 3.12.4: the same names, spellings and leniencies.
const prefix = uniqueName("bridged");
const programOf = (upstream: string) => `
import * as pulumi from "@pulumi/pulumi";
import * as harbor from "@pulumi/harbor";

const project = new harbor.Project("project", {
    name: "${prefix}",
    public: false,
    storageQuota: 10,
    vulnerabilityScanning: true,
    enableContentTrust: false,
    forceDestroy: true,
});
const robot = new harbor.RobotAccount("robot", {
    name: "ci",
    description: "ci",
    level: "project",
    duration: -1,
    permissions: [{
        kind: "project",
        namespace: project.name,
        accesses: [
            { action: "pull", resource: "repository" },
            { action: "push", resource: "repository" },
        ],
    }],
});
const policy = new harbor.RetentionPolicy("policy", {
    scope: project.id,
    schedule: "Daily",
    rules: [
        { nDaysSinceLastPull: 5, repoMatching: "**", tagMatching: "latest" },
        { mostRecentlyPushed: 10, repoMatching: "**", tagMatching: "{latest,snapshot}", untaggedArtifacts: false },
    ],
});
const rule = new harbor.ImmutableTagRule("rule", {
    disabled: true,
    projectId: project.id,
    repoMatching: "**",
    tagMatching: "v2.*",
    tagExcluding: "",
});
const label = new harbor.Label("label", { name: "${prefix}", color: "#FF0000", projectId: project.id });
const hook = new harbor.ProjectWebhook("hook", {
    name: "hook",
    address: "https://webhook.domain.com",
    projectId: project.id,
    notifyType: "http",
    eventsTypes: ["DELETE_ARTIFACT", "PULL_ARTIFACT", "PUSH_ARTIFACT"],
});
const main = new harbor.Registry("main", {
    name: "${prefix}",
    providerName: "harbor",
    endpointUrl: "${upstream}",
    insecure: true,
});
const replication = new harbor.Replication("replication", {
    name: "${prefix}",
    action: "pull",
    registryId: main.registryId,
    schedule: "0 0/15 * * * *",
    filters: [
        { name: "library/alpine" },
        { tag: "3.*.*" },
        { resource: "artifact" },
        { labels: ["qa"] },
    ],
});
const preheat = new harbor.PreheatInstance("preheat", {
    name: "${prefix}",
    vendor: "dragonfly",
    endpoint: "http://${prefix}.example.com",
    authMode: "BASIC",
    username: "example-user",
    password: "example-password",
});
const found = harbor.getProjectOutput({ name: project.name });
export const projectId: pulumi.Output<number> = project.projectId;
export const robotId: pulumi.Output<string> = robot.robotId;
export const fullName: pulumi.Output<string> = robot.fullName;
export const policyNumber: pulumi.Output<number> = replication.replicationPolicyId;
export const ids = pulumi.all([
    policy.id, rule.immutableTagRuleId, label.labelId, hook.projectWebhookId, found.id,
    replication.replicationId, preheat.preheatInstanceId,
]);
`;

let harbor: HarborLab;
let stack: TestStack;
let program: string;

before(async () => {
    harbor = await openHarborLab();
    program = programOf(harbor.lab.admin.url);
    stack = await harbor.stack(program);
});

after(() => harbor.close());

const asAdministrator = needingSystemRights("registries, replications and quotas", () => harbor);

const every = (operation: string) =>
    Object.fromEntries(
        [
            "hook",
            "label",
            "main",
            "policy",
            "preheat",
            "project",
            "replication",
            "robot",
            "rule",
        ].map((name) => [name, operation]),
    );

asAdministrator(
    "deploys a program for the bridged provider's SDK without a change of code",
    async () => {
        // With its types checked, as Pulumi does by default.
        const undo = stack.setEnvironment({ PULUMI_NODEJS_TRANSPILE_ONLY: "false" });
        await stack.program(`${program}const wrong: number = project.name;\n`);
        const mistyped = await stack.preview();
        await stack.program(program);
        const { operations } = succeeded(await stack.preview());
        undo();
        assert.match(mistyped.output, /index\.ts\(\d+,7\)[^\n]*error TS2322/);
        assert.deepEqual(operations, every("create"));
        succeeded(await stack.up());
        const { projectId, fullName } = await stack.outputs();
        assert.equal(typeof projectId, "number");
        assert.match(String(fullName), new RegExp(`${prefix}\\+ci$`));
        succeeded(await stack.preview("--expect-no-changes"));
    },
);

/** What the Terraform bridge also stores: every property, and its own notes. */
const bridged: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    Project: { deploymentSecurity: "", vulnerabilityScanner: "", cveAllowlists: [] },
    RobotAccount: { secretWoVersion: 0 },
    RetentionPolicy: {},
    ImmutableTagRule: { repoExcluding: "", tagExcluding: "" },
    Label: { description: "" },
    ProjectWebhook: { authHeader: "", description: "", payloadFormat: "Default" },
    Registry: { accessId: "", caCertificate: "", description: "" },
    Replication: { description: "", destNamespace: "" },
    PreheatInstance: { description: "", token: "" },
};
const emptyFilter = { decoration: "", labels: [], name: "", resource: "", tag: "" };
const emptyRule = {
    alwaysRetain: false,
    mostRecentlyPulled: 0,
    mostRecentlyPushed: 0,
    nDaysSinceLastPull: 0,
    nDaysSinceLastPush: 0,
    repoExcluding: "",
    tagExcluding: "",
    disabled: false,
    untaggedArtifacts: true,
};

function asBridged(resource: Kept): Kept {
    const kind = resource.type.slice(resource.type.lastIndexOf(":") + 1);
    if (bridged[kind] === undefined) return resource;
    const outputs: Record<string, unknown> = { ...bridged[kind], ...resource.outputs };
    if (kind === "RetentionPolicy") {
        const rules = outputs["rules"] as object[]; // the program's
        outputs["rules"] = rules.map((rule) => ({ ...emptyRule, ...rule }));
    }
    if (kind === "Replication") {
        const filters = outputs["filters"] as object[]; // the program's
        outputs["filters"] = filters.map((filter) => ({ ...emptyFilter, ...filter }));
    }
    return {
        ...resource,
        inputs: { ...resource.inputs, __defaults: [] },
        outputs: {
            ...outputs,
            __meta: JSON.stringify({ schema_version: "0" }),
            __pulumi_raw_state_delta: { obj: { ps: {} } },
        },
    };
}

asAdministrator(
    "shows no diff for state of the bridged provider, and refreshes without a difference",
    async () => {
        const exported = JSON.parse(await stack.state());
        const { deployment } = exported;
        deployment.resources = deployment.resources.map(asBridged);
        const file = join(stack.folder, "bridged.json");
        await writeFile(file, JSON.stringify(exported));
        const run = await stack.pulumi(["stack", "import", "--file", file]);
        assert.equal(run.code, 0, run.output);
        const before = await stack.state();
        assert.match(before, /__pulumi_raw_state_delta/);

        const preview = succeeded(await stack.preview("--diff"));
        assert.deepEqual(preview.diffs, {});
        harbor.takeRequests();
        assert.deepEqual(succeeded(await stack.up()).operations, every("same"));
        assert.deepEqual(
            harbor.takeRequests().filter((line) => !line.startsWith("GET ")),
            [],
        );
        succeeded(await stack.refresh("--expect-no-changes"));
        succeeded(await stack.preview("--refresh", "--expect-no-changes"));
    },
);

asAdministrator("updates and destroys a bridged resource like one of its own", async () => {
    await stack.program(program.replace("mostRecentlyPushed: 10", "mostRecentlyPushed: 11"));
    const up = succeeded(await stack.up());
    assert.deepEqual(up.diffs, { policy: ["rules[1].mostRecentlyPushed"] });
    succeeded(await stack.refresh("--expect-no-changes"));
    succeeded(await stack.destroy());
    assert.deepEqual(await keptBy(stack), {});
    assert.equal(await harbor.status(`/projects/${prefix}`), 404);
});
