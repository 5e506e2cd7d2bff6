import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before } from "node:test";
import {
    type HarborLab,
    keptBy,
    needingSystemRights,
    openHarborLab,
} from "../../support/harborLab";
import { uniqueName } from "../../support/lab";
import { succeeded } from "../../support/run";
import type { TestStack } from "../../support/stack";

const prefix = uniqueName("grp");
let harbor: HarborLab;
let stack: TestStack;

// Groups of the kinds that Harbor accepts with every login method; a group from LDAP needs an LDAP
// server.
const program = (changes: { devs?: object; team?: object } = {}) => `
import * as harbor from "@pulumi/harbor";
const { id: projectId } = new harbor.Project("shop", { name: "${prefix}" });
const devs = new harbor.Group("devs", ${JSON.stringify({ groupName: `${prefix}-devs`, groupType: 3, ...changes.devs })});
const ops = new harbor.Group("ops", { groupName: "${prefix}-ops", groupType: 2 });
new harbor.ProjectMemberGroup("team", {
    projectId, groupName: devs.groupName, type: "oidc", role: "developer", ...${JSON.stringify(changes.team ?? {})},
});
new harbor.ProjectMemberGroup("watch", {
    projectId, groupId: ops.id.apply((id) => Number(id.split("/").pop())), type: "internal", role: "guest",
});
`;
const names = ["devs", "ops", "shop", "team", "watch"];
const every = (operation: string) => Object.fromEntries(names.map((name) => [name, operation]));

before(async () => {
    harbor = await openHarborLab();
    stack = await harbor.stack(program());
});

after(() => harbor.close());

const asAdministrator = needingSystemRights("groups", () => harbor);

asAdministrator("declares groups and their memberships, and then shows no difference", async () => {
    assert.deepEqual(succeeded(await stack.preview()).operations, every("create"));
    assert.deepEqual(succeeded(await stack.up()).operations, every("create"));
    harbor.takeRequests();
    assert.deepEqual(succeeded(await stack.up()).operations, every("same"));
    assert.deepEqual(harbor.takeRequests(), []);
    succeeded(await stack.refresh("--expect-no-changes"));
    succeeded(await stack.preview("--expect-no-changes"));
});

asAdministrator(
    "sees and reverts a role changed in Harbor, and creates a deleted group again with its membership",
    async () => {
        const before = await keptBy(stack);
        await harbor.admin("PUT", `${before["team"]?.id}`, { role_id: 4 });
        assert.deepEqual(succeeded(await stack.preview("--refresh")).diffs, { team: ["role"] });
        assert.deepEqual(succeeded(await stack.up("--refresh")).diffs, { team: ["role"] });
        // Harbor ends a group's memberships with it.
        await harbor.admin("DELETE", `${before["ops"]?.id}`);
        const up = succeeded(await stack.up("--refresh"));
        assert.deepEqual(up.operations, { ...every("same"), ops: "create", watch: "create" });
        succeeded(await stack.refresh("--expect-no-changes"));
    },
);

asAdministrator("they are adopted by their ids without a diff", async () => {
    const kept = Object.values(await keptBy(stack));
    const other = await harbor.stack(program());
    const resources = kept.map(({ name, type, id }) => ({ name, type, id }));
    await writeFile(join(other.folder, "import.json"), JSON.stringify({ resources }));
    const flags = ["--generate-code=false", "--protect=false", "--yes"];
    const run = await other.pulumi(["import", "--file", "import.json", ...flags]);
    assert.equal(run.code, 0, run.output);
    const preview = succeeded(await other.preview("--diff"));
    assert.deepEqual(preview.diffs, {});
    assert.deepEqual(preview.operations, every("same"));
    await other.forget();
});

asAdministrator(
    "changes a role in place, and replaces a membership for another group",
    async () => {
        await stack.program(program({ team: { role: "maintainer" } }));
        assert.deepEqual(succeeded(await stack.up()).diffs, { team: ["role"] });
        await stack.program(
            program({ team: { role: "maintainer" }, devs: { groupName: `${prefix}-all` } }),
        );
        const preview = succeeded(await stack.preview());
        const replaced = Object.entries(preview.operations).filter(([, op]) => /replac/.test(op));
        assert.deepEqual(replaced.map(([name]) => name).sort(), ["devs", "team"]);
        assert.deepEqual(
            [preview.diffs["devs"], preview.diffs["team"]],
            [["groupName"], ["groupName"]],
        );
        succeeded(await stack.up());
        succeeded(await stack.refresh("--expect-no-changes"));
    },
);

asAdministrator("reports a group from LDAP that Harbor does not find, by property", async () => {
    const ldapGroupDn = "cn=nobody,dc=example,dc=com";
    const other = await harbor.stack(`
import * as harbor from "@pulumi/harbor";
new harbor.Group("ldap", { groupName: "${prefix}-ldap", groupType: 1, ldapGroupDn: "${ldapGroupDn}" });
`);
    const up = await other.up();
    assert.notEqual(up.code, 0);
    assert.match(
        up.output,
        /ldapGroupDn: LDAP Group DN is not found: DN:cn=nobody,dc=example,dc=com/,
    );
    assert.deepEqual(await keptBy(other), {});
});

asAdministrator("deletes each in destroy, also what is already gone", async () => {
    const kept = await keptBy(stack);
    await harbor.admin("DELETE", `${kept["team"]?.id}`);
    await harbor.admin("DELETE", `${kept["ops"]?.id}`);
    assert.deepEqual(succeeded(await stack.destroy()).operations, every("delete"));
    for (const name of ["shop", "devs", "ops"]) {
        if (kept[name]) assert.equal(await harbor.statusOf(kept[name]), 404, name);
    }
    assert.deepEqual(succeeded(await stack.destroy()).operations, {});
});
