import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { checkAccounts } from "../../../src/cli/accountCheck";
import { describeFinding } from "../../../src/cli/finding";
import { writeFolder } from "../../support/tinyProject";

/** Runs the check with a Pulumi whose stack has robot accounts of these durations. */
async function check(durations: readonly number[], script = 'cat "$0.json"') {
    const resources = durations.map((duration, index) => ({
        type: "harbor:index/robotAccount:RobotAccount",
        outputs: { duration, fullName: `robot$shop+${index}` },
    }));
    const folder = writeFolder({
        "pulumi.json": JSON.stringify({
            deployment: { resources: [{ type: "other" }, ...resources] },
        }),
        pulumi: `#!/bin/sh\ntest "$*" = "stack export" && ${script}\n`,
    });
    chmodSync(join(folder, "pulumi"), 0o755);
    const PATH = `${folder}:${process.env["PATH"]}`;
    return (await checkAccounts({ folder }, { PATH })).map(describeFinding);
}

test("names the robot accounts of the stack that never expire", async () => {
    assert.deepEqual(await check([-1, 30, -1]), [
        "ℹ robot accounts: robot$shop+0, robot$shop+2 never expire.\n  Fix: set `robotDays` on the component, or `duration` on the RobotAccount, to limit how long a leaked secret stays valid.",
    ]);
    assert.match((await check(Array(12).fill(-1))).join(), /shop\+9 and 2 more never expire/);
});

test("reports nothing when all accounts expire, or without a stack", async () => {
    assert.deepEqual(await check([30]), []);
    assert.deepEqual(await check([-1], "exit 1"), []);
});

test("quotes nothing of an output that is no JSON", async () => {
    assert.deepEqual(await check([-1], "echo 'warning: password-4711'"), [
        "ℹ robot accounts: not checked, because `pulumi stack export` printed no JSON.\n  Fix: run `pulumi stack export`; a wrapper of Pulumi may print other text.",
    ]);
});
