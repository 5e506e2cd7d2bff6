import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { checkAccounts } from "../../../src/cli/accountCheck";
import { describeFinding } from "../../../src/cli/finding";
import type { HarborAnswer } from "../../../src/cli/harborCheck";
import { createRobot, updateRobot } from "../../../src/harbor/robot";
import { startSandboxHarbor } from "../../support/sandboxHarbor";
import { writeFolder } from "../../support/tinyProject";

interface Account {
    readonly duration: number;
    readonly fullName?: string;
    readonly id?: string;
    readonly created?: string;
    readonly delete?: boolean;
}

const refused = { isReached: true };

/** Runs the check with a Pulumi whose stack has these robot accounts. */
async function check(
    accounts: readonly Account[],
    { script = 'cat "$0.json"', harbor = refused }: { script?: string; harbor?: HarborAnswer } = {},
) {
    const resources = accounts.map(({ duration, fullName, ...members }, index) => ({
        type: "harbor:index/robotAccount:RobotAccount",
        outputs: { duration, fullName: fullName ?? `robot$shop+${index}` },
        ...members,
    }));
    const folder = writeFolder({
        "pulumi.json": JSON.stringify({
            deployment: { resources: [{ type: "other" }, ...resources] },
        }),
        pulumi: `#!/bin/sh\ntest "$*" = "stack export" && ${script}\n`,
    });
    chmodSync(join(folder, "pulumi"), 0o755);
    const PATH = `${folder}:${process.env["PATH"]}`;
    return (await checkAccounts({ folder }, { PATH }, harbor)).map(describeFinding);
}

const lasting = (...durations: readonly number[]) => durations.map((duration) => ({ duration }));

test("names the robot accounts of the stack that never expire", async () => {
    assert.deepEqual(await check(lasting(-1, 30, -1)), [
        "ℹ robot accounts: robot$shop+0, robot$shop+2 never expire.\n  Fix: set `robotDays` on the component, or `duration` on the RobotAccount, to limit how long a leaked secret stays valid.",
    ]);
    assert.match(
        (await check(lasting(...Array(12).fill(-1)))).join(),
        /shop\+9 and 2 more never expire/,
    );
});

test("reports nothing when all accounts are valid, without a stack, or while Harbor does not answer", async () => {
    assert.deepEqual(await check(lasting(30)), []);
    assert.deepEqual(await check(lasting(-1), { script: "exit 1" }), []);
    assert.deepEqual(await check(lasting(-1), { harbor: { isReached: false } }), []);
});

test("quotes nothing of an output that is no JSON", async () => {
    assert.deepEqual(await check(lasting(-1), { script: "echo 'warning: password-4711'" }), [
        "ℹ robot accounts: not checked, because `pulumi stack export` printed no JSON.\n  Fix: run `pulumi stack export`; a wrapper of Pulumi may print other text.",
    ]);
});

const renew =
    "Fix: Its validity starts at its creation: raise robotDays, which triggers no build. `pulumi up --replace URN` of the robot account creates a new one.";
const old = { duration: 1, created: "2026-01-01T00:00:00Z" };

test("names expired accounts from the state when Harbor refuses the login", async () => {
    const replaced = { ...old, delete: true };
    const fresh = { duration: 1, created: new Date().toISOString() };
    assert.deepEqual(await check([old, replaced, fresh, { ...old, duration: -1 }]), [
        `✖ robot accounts: the robot account robot$shop+0 expired at 2026-01-02T00:00:00.000Z.\n  ${renew}`,
        "ℹ robot accounts: robot$shop+3 never expire.\n  Fix: set `robotDays` on the component, or `duration` on the RobotAccount, to limit how long a leaked secret stays valid.",
    ]);
});

test("asks Harbor which accounts it refuses", async () => {
    const sandbox = await startSandboxHarbor();
    const access = [{ resource: "repository", action: "pull" }];
    const permissions = [{ kind: "project", namespace: "*", access }];
    const made = await Promise.all(
        ["off", "good"].map(async (name) => {
            const robot = { name, level: "system", duration: 1, permissions };
            const { value } = await createRobot(sandbox.client(), robot);
            return { ...robot, ...value, description: undefined };
        }),
    );
    const [off, good] = made;
    assert.ok(off && good);
    await updateRobot(sandbox.client(), { ...off, disabled: true });
    const accounts = [off, good, { id: 999, fullName: "robot$gone" }].map((one) => ({
        ...old,
        id: `/robots/${one.id}`,
        fullName: one.fullName,
    }));
    const login = { url: sandbox.url, username: "admin", password: sandbox.adminPassword };
    assert.deepEqual(await check(accounts, { harbor: { isReached: true, client: login } }), [
        "✖ robot accounts: the robot account robot$off is disabled in Harbor.\n  Fix: Enable it there.",
        "✖ robot accounts: the robot account robot$gone does not exist in Harbor.\n  Fix: Was it deleted by hand? `pulumi refresh` and then `pulumi up` create a new one.",
    ]);
    const client = { ...login, username: good.fullName, password: good.secret };
    const byState = await check(accounts, { harbor: { isReached: true, client } });
    assert.deepEqual(
        byState.map((line) => /account (\S+) expired/.exec(line)?.[1]),
        ["robot$off", "robot$good", "robot$gone"],
        "the state tells what Harbor does not tell a robot account",
    );
});
