import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type HarborLab, keptBy, openOwnHarborLab } from "../../support/harborLab";
import { succeeded } from "../../support/run";
import type { TestStack } from "../../support/stack";

let harbor: HarborLab;
let stack: TestStack;

const settings = {
    projectCreationRestriction: "everyone",
    robotTokenExpiration: 45,
    tokenExpiration: 60,
    sessionTimeout: 120,
    storagePerProject: 3,
    notificationEnable: false,
    scannerSkipUpdatePulltime: true,
    disabledAuditLogEventTypes: "create_user",
    bannerMessage: { message: "maintenance", closable: true, type: "warning" },
};
const allowlist = { cveAllowlists: ["CVE-2024-0001", "CVE-2024-0002"], expiresAt: 4_000_000_000 };

const program = (changes: { settings?: object; allowlist?: object } = {}) => `
import * as harbor from "@pulumi/harbor";
new harbor.ConfigSystem("settings", ${JSON.stringify({ ...settings, ...changes.settings })});
new harbor.ConfigSecurity("allowlist", ${JSON.stringify({ ...allowlist, ...changes.allowlist })});
`;
const both = (operation: string) => ({ allowlist: operation, settings: operation });

// A separate Harbor: these settings exist once per Harbor.
before(async () => {
    harbor = await openOwnHarborLab();
    stack = await harbor.stack(program());
});

after(() => harbor.close());

test("declares settings and the allow-list of all of Harbor, and then shows no difference", async () => {
    assert.deepEqual(succeeded(await stack.preview()).operations, both("create"));
    assert.deepEqual(succeeded(await stack.up()).operations, both("create"));
    harbor.takeRequests();
    assert.deepEqual(succeeded(await stack.up()).operations, both("same"));
    assert.deepEqual(harbor.takeRequests(), []);
    succeeded(await stack.refresh("--expect-no-changes"));
});

test("reports what an administrator sets in Harbor by property, and reverts it", async () => {
    await harbor.admin("PUT", "/configurations", {
        session_timeout: 90,
        storage_per_project: 1024 ** 3,
        notification_enable: true,
        banner_message: JSON.stringify({ message: "other", closable: true, type: "warning" }),
    });
    await harbor.admin("PUT", "/system/CVEAllowlist", { items: [{ cve_id: "CVE-2024-0001" }] });
    const edited = {
        settings: [
            "bannerMessage.message",
            "notificationEnable",
            "sessionTimeout",
            "storagePerProject",
        ],
        allowlist: ["cveAllowlists", "expiresAt"],
    };
    assert.deepEqual(succeeded(await stack.preview("--refresh")).diffs, edited);
    assert.deepEqual(succeeded(await stack.up("--refresh")).diffs, edited);
    succeeded(await stack.refresh("--expect-no-changes"));
    succeeded(await stack.preview("--expect-no-changes"));
});

test("changes settings in place, and restores the default of what is removed", async () => {
    await stack.program(
        program({
            settings: { sessionTimeout: undefined, bannerMessage: undefined },
            allowlist: { expiresAt: undefined },
        }),
    );
    const up = succeeded(await stack.up());
    assert.deepEqual(up.operations, both("update"));
    assert.deepEqual(up.diffs, {
        settings: ["bannerMessage", "sessionTimeout"],
        allowlist: ["expiresAt"],
    });
    const now = (await harbor.admin("GET", "/configurations")) as Record<string, object>; // settings
    assert.deepEqual(now["session_timeout"], { editable: true, value: 60 });
    assert.deepEqual(now["banner_message"], { editable: true, value: "" });
    succeeded(await stack.refresh("--expect-no-changes"));
});

test("adopts settings by their ids without a diff", async () => {
    const kept = Object.values(await keptBy(stack));
    const other = await harbor.stack(
        program({
            settings: { sessionTimeout: undefined, bannerMessage: undefined },
            allowlist: { expiresAt: undefined },
        }),
    );
    const resources = kept.map(({ name, type, id }) => ({ name, type, id }));
    await writeFile(join(other.folder, "import.json"), JSON.stringify({ resources }));
    const flags = ["--generate-code=false", "--protect=false", "--yes"];
    const run = await other.pulumi(["import", "--file", "import.json", ...flags]);
    assert.equal(run.code, 0, run.output);
    const preview = succeeded(await other.preview("--diff"));
    assert.deepEqual(preview.diffs, {});
    assert.deepEqual(preview.operations, both("same"));
    await other.forget();
});

test("empties the allow-list in destroy and leaves the settings, also with an empty allow-list", async () => {
    await harbor.admin("PUT", "/system/CVEAllowlist", { items: [] });
    harbor.takeRequests();
    assert.deepEqual(succeeded(await stack.destroy()).operations, both("delete"));
    const writes = harbor.takeRequests().filter((line) => !line.startsWith("GET "));
    assert.deepEqual(writes, ["PUT /system/CVEAllowlist"]);
    const now = (await harbor.admin("GET", "/configurations")) as Record<string, object>; // settings
    assert.deepEqual(now["token_expiration"], { editable: true, value: 60 });
    assert.deepEqual(succeeded(await stack.destroy()).operations, {});
});
