import assert from "node:assert/strict";
import { before, test } from "node:test";
import { allResources } from "../../support/allResources";
import { type HarborLab, openHarborLab } from "../../support/harborLab";
import { uniqueName } from "../../support/lab";
import { succeeded } from "../../support/run";
import type { TestStack } from "../../support/stack";

const prefix = uniqueName("own");
let username = `${prefix}-alice`;
let password = "Passw0rd-Of-Alice";
const mate = `${prefix}-bob`;
let harbor: HarborLab;
let stack: TestStack;
let projectId: string;

before(async () => {
    harbor = await openHarborLab();
    if (!harbor.systemRights) ({ username, password } = harbor.lab.admin);
    for (const name of harbor.systemRights ? [username, mate] : []) {
        const email = `${name}@example.com`;
        await harbor.admin("POST", "/users", { username: name, email, realname: name, password });
    }
    await harbor.admin("POST", "/projects", { project_name: prefix, metadata: {} });
    const project = (await harbor.admin("GET", `/projects/${prefix}`)) as { project_id: number }; // Harbor's project
    projectId = `/projects/${project.project_id}`;
    if (harbor.systemRights) {
        await harbor.admin("POST", `${projectId}/members`, {
            role_id: 1,
            member_user: { username },
        });
    }
    stack = await harbor.stack(permitted(), {
        HARBOR_USERNAME: username,
        HARBOR_PASSWORD: password,
    });
});

// Another user to make a member of the project can be had by a system administrator alone.
const permitted = () => `
import * as harbor from "@pulumi/harbor";
const { id: projectId, name: namespace } = harbor.getProjectOutput({ name: "${prefix}" });
new harbor.RobotAccount("ci", {
    name: "ci", level: "project", disable: true,
    permissions: [{ kind: "project", namespace, accesses: [{ resource: "repository", action: "pull" }] }],
});
new harbor.RetentionPolicy("keep", {
    scope: projectId, schedule: "Daily",
    rules: [{ mostRecentlyPushed: 10, repoMatching: "**", tagMatching: "**" }],
});
new harbor.ImmutableTagRule("fixed", { projectId, repoMatching: "**", tagMatching: "v*" });
new harbor.Label("label", { name: "label", projectId });
new harbor.ProjectWebhook("hook", {
    name: "hook", projectId, notifyType: "http", address: "http://127.0.0.1:9/", eventsTypes: ["PUSH_ARTIFACT"],
});
${harbor.systemRights ? member : ""}`;
const member = `new harbor.ProjectMemberUser("member", { projectId, userName: "${mate}", role: "guest" });
`;

const every = (operation: string) => {
    const names = ["ci", "fixed", "hook", "keep", "label"];
    const all = harbor.systemRights ? [...names, "member"] : names;
    return Object.fromEntries(all.map((name) => [name, operation]));
};

test("declares everything within the project as a project's administrator", async () => {
    assert.deepEqual(succeeded(await stack.preview()).operations, every("create"));
    assert.deepEqual(succeeded(await stack.up()).operations, every("create"));
    succeeded(await stack.refresh("--expect-no-changes"));
    await stack.program(
        permitted().replace("disable: true", "disable: false").replace('"guest"', '"developer"'),
    );
    const up = succeeded(await stack.up());
    const changed = harbor.systemRights ? { member: ["role"] } : {};
    assert.deepEqual(up.diffs, { ci: ["disable"], ...changed });
    assert.deepEqual(succeeded(await stack.destroy()).operations, every("delete"));
});

const forbidden = (method: string, path: string) =>
    new RegExp(
        `Harbor answered 403 FORBIDDEN: [^\\n]*\\(${method} http://[^/]*/api/v2.0${path}\\)\\. ` +
            "The configured login lacks the right to do this: it needs [^\\n]*a system administrator",
    );

test("reports what needs system rights", async () => {
    const { url } = harbor.lab.admin;
    const all = { prefix: `${prefix}-all`, upstream: url, singletons: true, systemRights: true };
    await stack.program(`${allResources(all)}
new harbor.Label("everywhere", { name: "${prefix}" });
new harbor.Group("devs", { groupName: "${prefix}", groupType: 3 });
new harbor.ConfigSystem("settings", { sessionTimeout: 60 });
new harbor.ConfigSecurity("allowlist", { cveAllowlists: ["CVE-2024-0001"] });
`);
    const up = await stack.up("--continue-on-error");
    assert.notEqual(up.code, 0);
    for (const reason of [
        forbidden("POST", "/registries"),
        forbidden("POST", "/users"),
        forbidden("POST", "/labels"),
        forbidden("POST", "/usergroups"),
        forbidden("PUT", "/configurations"),
        forbidden("PUT", "/system/CVEAllowlist"),
        forbidden("GET", "/system/gc/schedule"),
        forbidden("GET", "/system/purgeaudit/schedule"),
        /robot account "\S+-fleet": the configured login may not create robot accounts at system level; a system administrator can/,
        projectRefusal,
    ]) {
        assert.match(up.output, reason);
    }
});

/** Where everyone may make projects, all but the quota is done; where not, nothing. */
const projectRefusal =
    /project "\S+-all" was created, but storageQuota: only a system administrator of Harbor can set a project's quota|\(POST \S+\/projects\)\. The configured login lacks the right to do this/;

test("continues with a project whose quota was refused after the quota is removed", async (context) => {
    const all = `${prefix}-all`;
    if ((await harbor.status(`/projects/${all}`)) !== 200) {
        context.skip("this Harbor lets only system administrators make projects");
        return;
    }
    await stack.program(`
import * as harbor from "@pulumi/harbor";
new harbor.Project("shop", { name: "${all}", public: true, vulnerabilityScanning: false });
`);
    assert.deepEqual(succeeded(await stack.up()).operations, { shop: "update" });
    succeeded(await stack.refresh("--expect-no-changes"));
    assert.deepEqual(succeeded(await stack.destroy()).operations, { shop: "delete" });
    assert.deepEqual(await harbor.admin("GET", `/projects?name=${all}`), []);
});
