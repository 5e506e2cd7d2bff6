import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type HarborLab, type Kept, keptBy, openOwnHarborLab } from "../../support/harborLab";
import { succeeded } from "../../support/run";
import { type ScannerAdapter, startScannerAdapter } from "../../support/scannerAdapter";
import type { TestStack } from "../../support/stack";

// The settings of all of Harbor, as the bridged provider's documentation declares them.
const login = `
import * as harbor from "@pulumi/harbor";

const ldap = new harbor.ConfigAuth("login", {
    authMode: "ldap_auth",
    primaryAuthMode: true,
    ldapUrl: "openldap.default.svc.cluster.local:389",
    ldapSearchDn: "cn=admin,dc=example,dc=org",
    ldapSearchPassword: "Not@SecurePassw0rd",
    ldapBaseDn: "dc=example,dc=org",
    ldapUid: "email",
    ldapVerifyCert: false,
});
export const id = ldap.configAuthId;
`;
const services = `${login}
new harbor.InterrogationServices("main", { defaultScanner: "clair", vulnerabilityScanPolicy: "Daily" });
`;
const tasks = `${login}
new harbor.Tasks("main", { vulnerabilityScanPolicy: "daily" });
`;

let harbor: HarborLab;
let adapter: ScannerAdapter;

before(async () => {
    harbor = await openOwnHarborLab();
    adapter = await startScannerAdapter();
    await harbor.admin("POST", "/scanners", { name: "Clair", url: adapter.url });
});

after(async () => {
    await harbor.close();
    adapter.close();
});

/** What the bridge also stores: every property, its own notes, and an invented id of Tasks. */
function asBridged(resource: Kept): Kept {
    const kind = resource.type.slice(resource.type.lastIndexOf(":") + 1);
    const id = kind === "Tasks" ? "Ab3dEf6hIj9lMn2" : resource.id;
    const more = {
        ConfigAuth: { oidcName: "", oidcLogout: false, ldapFilter: "", ldapGroupUid: "" },
        Tasks: { tasksId: id },
    }[kind];
    if (!resource.type.startsWith("harbor:")) return resource;
    return {
        ...resource,
        id,
        inputs: { ...resource.inputs, __defaults: [] },
        outputs: {
            ...resource.outputs,
            ...more,
            __meta: JSON.stringify({ schema_version: "0" }),
            __pulumi_raw_state_delta: { obj: { ps: {} } },
        },
    };
}

async function moveOver(stack: TestStack): Promise<void> {
    const exported = JSON.parse(await stack.state());
    exported.deployment.resources = exported.deployment.resources.map(asBridged);
    const file = join(stack.folder, "bridged.json");
    await writeFile(file, JSON.stringify(exported));
    const run = await stack.pulumi(["stack", "import", "--file", file]);
    assert.equal(run.code, 0, run.output);
}

for (const [name, program, edited] of [
    ["InterrogationServices", services, services.replace("Daily", "Weekly")],
    ["Tasks", tasks, tasks.replace("daily", "weekly")],
] as const) {
    test(`moves a bridged stack with ConfigAuth and ${name} over, changes and destroys it`, async () => {
        const stack = await harbor.stack(program);
        const up = succeeded(await stack.up());
        assert.deepEqual(up.operations, { login: "create", main: "create" });
        const warning = /Tasks is deprecated: Use harbor\.InterrogationServices/;
        assert.equal(warning.test(up.output), name === "Tasks");
        await moveOver(stack);

        const preview = succeeded(await stack.preview("--diff"));
        assert.deepEqual(preview.diffs, {});
        harbor.takeRequests();
        assert.deepEqual(succeeded(await stack.up()).operations, { login: "same", main: "same" });
        assert.deepEqual(harbor.takeRequests(), []);
        succeeded(await stack.refresh("--expect-no-changes"));
        const { main } = await keptBy(stack);
        assert.equal(main?.id, name === "Tasks" ? "Ab3dEf6hIj9lMn2" : "/system/scanAll/schedule");

        await stack.program(edited);
        const again = succeeded(await stack.up());
        assert.deepEqual(again.diffs, { main: ["vulnerabilityScanPolicy"] });
        const { schedule } = (await harbor.admin("GET", "/system/scanAll/schedule")) as {
            schedule: { cron: string; type: string };
        }; // Harbor's schedule
        assert.deepEqual([schedule.type, schedule.cron], ["Weekly", "0 0 0 * * 0"]);
        succeeded(await stack.refresh("--expect-no-changes"));
        succeeded(await stack.destroy());
        assert.equal(await harbor.admin("GET", "/system/scanAll/schedule"), undefined);
    });
}
