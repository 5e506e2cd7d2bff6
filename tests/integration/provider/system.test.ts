import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type HarborLab, keptBy, openOwnHarborLab } from "../../support/harborLab";
import { succeeded } from "../../support/run";
import { type ScannerAdapter, startScannerAdapter } from "../../support/scannerAdapter";
import type { TestStack } from "../../support/stack";
import {
    type Changes,
    systemNames,
    systemProgram,
    systemSecrets,
} from "../../support/systemProgram";

// A separate Harbor: the login method and the schedule of scans exist once per Harbor.
let harbor: HarborLab;
let adapters: ScannerAdapter[];
let stack: TestStack;
let upstream: string;

before(async () => {
    harbor = await openOwnHarborLab();
    adapters = [await startScannerAdapter(), await startScannerAdapter()];
    for (const [index, name] of ["Other", "Tester"].entries()) {
        await harbor.admin("POST", "/scanners", { name, url: adapters[index]?.url });
    }
    upstream = harbor.lab.admin.url;
    stack = await harbor.stack(systemProgram(upstream));
});

after(async () => {
    await harbor.close();
    for (const adapter of adapters) adapter.close();
});

const every = (operation: string) =>
    Object.fromEntries(systemNames.map((name) => [name, operation]));

test("predicts a creation of each in the first preview, and asks only whether the login method can change", async () => {
    assert.deepEqual(succeeded(await stack.preview()).operations, every("create"));
    assert.deepEqual(harbor.takeRequests(), ["GET /users/current", "GET /configurations"]);
});

test("creates each in up; another up changes nothing and sends no request to Harbor", async () => {
    assert.deepEqual(succeeded(await stack.up()).operations, every("create"));
    harbor.takeRequests();
    assert.deepEqual(succeeded(await stack.up()).operations, every("same"));
    assert.deepEqual(harbor.takeRequests(), []);
    const state = await stack.state();
    for (const secret of systemSecrets) assert.equal(state.includes(secret), false, secret);
});

test("only reads in a refresh, and finds every resource unchanged", async () => {
    succeeded(await stack.refresh("--expect-no-changes"));
    assert.deepEqual(
        harbor.takeRequests().filter((line) => !line.startsWith("GET ")),
        [],
    );
    succeeded(await stack.preview("--expect-no-changes"));
});

const updates: Changes = {
    pull: {
        schedule: "manual",
        description: "other",
        destNamespace: "",
        destNamespaceReplace: -1,
        speed: -1,
        copyByChunk: false,
        singleActiveReplication: false,
        enabled: false,
        filters: [{ tag: "4.*", name: "library/busybox" }],
    },
    push: { name: "pushes", schedule: "Weekly", deletion: false, override: true },
    scans: { defaultScanner: "Other", vulnerabilityScanPolicy: "0 30 2 * * *" },
    p2p: {
        endpoint: "http://other.example.com",
        authMode: "OAUTH",
        username: "",
        password: "",
        token: "Preheat-Token-1",
        description: "other",
        default: false,
        enabled: false,
        insecure: true,
    },
    login: {
        primaryAuthMode: false,
        oidcName: "keycloak",
        oidcEndpoint: "https://keycloak.example.com",
        oidcClientId: "other",
        oidcClientSecret: "Oidc-Secret-2",
        oidcScope: "openid",
        oidcVerifyCert: false,
        oidcAutoOnboard: false,
        oidcUserClaim: "email",
        oidcAdminGroup: "",
        oidcGroupsClaim: "groups",
        oidcGroupFilter: "dev-*",
        oidcLogout: true,
    },
};

test("updates every property that may change in place", async () => {
    await stack.program(systemProgram(upstream, updates));
    const up = succeeded(await stack.up());
    assert.deepEqual(up.operations, { ...every("update"), upstream: "same" });
    const expected = Object.entries(updates).map(([name, inputs]) => [
        name,
        Object.keys(inputs).sort(),
    ]);
    assert.deepEqual(up.diffs, Object.fromEntries(expected));
    succeeded(await stack.refresh("--expect-no-changes"));
    await stack.program(systemProgram(upstream));
    succeeded(await stack.up());
    succeeded(await stack.refresh("--expect-no-changes"));
});

test("reports edits in Harbor property by property, and up reverts them", async () => {
    const kept = await keptBy(stack);
    const edit = async (name: string, change: object) => {
        const path = String(kept[name]?.id);
        const before = (await harbor.admin("GET", path)) as object; // what Harbor has
        await harbor.admin("PUT", path, { ...before, ...change });
    };
    await edit("pull", {
        filters: [{ type: "name", value: "library/**" }],
        speed: 7,
        description: "edited",
        trigger: { type: "manual" },
    });
    await edit("push", { enabled: false, replicate_deletion: false, deletion: false });
    await edit("p2p", { description: "edited", default: false });
    await harbor.admin("PUT", "/system/scanAll/schedule", {
        schedule: { type: "Hourly", cron: "0 0 * * * *" },
    });
    const [, other] = (await harbor.admin("GET", "/scanners")) as { uuid: string }[]; // not the default
    await harbor.admin("PATCH", `/scanners/${other?.uuid}`, { is_default: true });
    await harbor.admin("PUT", "/configurations", {
        oidc_scope: "openid",
        oidc_group_filter: "dev-*",
        primary_auth_mode: false,
    });
    const edited = {
        pull: ["description", "filters", "schedule", "speed"],
        push: ["deletion", "enabled"],
        p2p: ["default", "description"],
        scans: ["defaultScanner", "vulnerabilityScanPolicy"],
        login: ["oidcGroupFilter", "oidcScope", "primaryAuthMode"],
    };
    assert.deepEqual(succeeded(await stack.preview("--refresh")).diffs, edited);
    assert.deepEqual(succeeded(await stack.up("--refresh")).diffs, edited);
    succeeded(await stack.refresh("--expect-no-changes"));
});

test("replaces a resource for what Harbor cannot change, by property in the preview", async () => {
    const rounds: readonly Changes[] = [
        { pull: { action: "push" }, p2p: { vendor: "kraken" } },
        { p2p: { name: "p2p2" } },
    ];
    for (const round of rounds) {
        await stack.program(systemProgram(upstream, round));
        const preview = succeeded(await stack.preview());
        const replaced = Object.entries(preview.operations).filter(([, op]) => /replac/.test(op));
        assert.deepEqual(replaced.map(([name]) => name).sort(), Object.keys(round).sort());
        for (const [name, inputs] of Object.entries(round)) {
            assert.deepEqual(preview.diffs[name], Object.keys(inputs), name);
        }
    }
    succeeded(await stack.up());
    assert.equal(await harbor.status("/p2p/preheat/instances/p2p"), 404);
    await stack.program(systemProgram(upstream));
    succeeded(await stack.up());
});

test("adopts each with `pulumi import`, by id or name, and the program then shows no diff", async () => {
    const kept = await keptBy(stack);
    const forms: Readonly<Record<string, string>> = { pull: "pull", p2p: "p2p" };
    const resources = Object.values(kept).map(({ name, type, id }) => ({
        name,
        type,
        id: forms[name] ?? id,
    }));
    const adopting = await harbor.stack(systemProgram(upstream));
    await writeFile(join(adopting.folder, "import.json"), JSON.stringify({ resources }));
    const flags = ["--generate-code=false", "--protect=false", "--yes"];
    const run = await adopting.pulumi(["import", "--file", "import.json", ...flags]);
    assert.equal(run.code, 0, run.output);
    const adopted = await keptBy(adopting);
    for (const name of systemNames) assert.equal(adopted[name]?.id, kept[name]?.id, name);
    const preview = succeeded(await adopting.preview("--diff"));
    assert.deepEqual(preview.diffs, {});
    assert.deepEqual(preview.operations, every("same"));
    const wrong = await adopting.pulumi([
        "import",
        "harbor:index/configAuth:ConfigAuth",
        "x",
        "anything",
        "--yes",
    ]);
    assert.notEqual(wrong.code, 0);
    assert.match(wrong.output, /"anything" does not exist; the only id is \/configurations/);
    await adopting.forget();
});

test("creates what was deleted by hand again in up; destroy accepts what is already gone", async () => {
    const gone = ["p2p", "pull"];
    const before = await keptBy(stack);
    for (const name of gone) await harbor.admin("DELETE", String(before[name]?.id));
    await harbor.admin("PUT", "/system/scanAll/schedule", { schedule: { type: "None" } });
    const up = succeeded(await stack.up("--refresh"));
    const made = Object.entries(up.operations).filter(([, operation]) => operation === "create");
    assert.deepEqual(made.map(([name]) => name).sort(), [...gone, "scans"]);
    const now = await keptBy(stack);
    for (const name of [...gone, "push"]) await harbor.admin("DELETE", String(now[name]?.id));
    for (const { uuid } of (await harbor.admin("GET", "/scanners")) as { uuid: string }[]) {
        await harbor.admin("DELETE", `/scanners/${uuid}`); // the schedule is out of reach with them
    }
    assert.deepEqual(succeeded(await stack.destroy()).operations, every("delete"));
    assert.deepEqual(succeeded(await stack.destroy()).operations, {});
    const { auth_mode } = (await harbor.admin("GET", "/configurations")) as {
        auth_mode: { value: string };
    }; // Harbor's settings
    assert.equal(auth_mode.value, "oidc_auth");
});

test("reports in the preview that Harbor has users, by property", async () => {
    await harbor.admin("PUT", "/configurations", { auth_mode: "db_auth" });
    const user = { username: "alice", email: "alice@example.com", realname: "Alice" };
    await harbor.admin("POST", "/users", { ...user, password: "Passw0rd-Of-Alice" });
    const preview = await stack.preview();
    assert.notEqual(preview.code, 0);
    assert.match(
        preview.output,
        /authMode: Harbor does not change "db_auth" to "oidc_auth" while it has other users than the administrator/,
    );
});
