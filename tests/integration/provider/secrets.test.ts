import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type HarborLab, keptBy, openHarborLab } from "../../support/harborLab";
import { uniqueName } from "../../support/lab";
import { ask, basic } from "../../support/registry";
import { succeeded } from "../../support/run";
import type { Run, TestStack } from "../../support/stack";

const prefix = uniqueName("secret");
const given = "Given-Secret-1";
const rotated = "Rotated-Secret-2";
const writeOnly = "WriteOnly-Secret-3";
const webhook = "Bearer Webhook-Secret-4";
let harbor: HarborLab;
let stack: TestStack;

before(async () => {
    harbor = await openHarborLab();
    stack = await harbor.stack(program({ secret: given, version: 1 }));
});

after(() => harbor.close());

function program({ secret, version }: { secret: string; version: number }): string {
    return `
import * as pulumi from "@pulumi/pulumi";
import * as harbor from "@pulumi/harbor";
const config = new pulumi.Config();
const permissions = [{ kind: "project", namespace: "${prefix}", accesses: [{ resource: "repository", action: "pull" }] }];
const project = new harbor.Project("project", { name: "${prefix}" });
const options = { dependsOn: project };
const generated = new harbor.RobotAccount("generated", { name: "generated", level: "project", permissions }, options);
const chosen = new harbor.RobotAccount("chosen", { name: "chosen", level: "project", permissions, secret: "${secret}" }, options);
const sent = new harbor.RobotAccount("sent", {
    name: "sent", level: "project", permissions, secretWo: "${writeOnly}", secretWoVersion: ${version},
}, options);
new harbor.ProjectWebhook("hook", {
    name: "hook", projectId: project.id, notifyType: "http", address: "http://127.0.0.1:9/",
    eventsTypes: ["PUSH_ARTIFACT"], authHeader: "${webhook}",
});
export const robots = { generated: generated.fullName, chosen: chosen.fullName, sent: sent.fullName };
export const secret = generated.secret;
export const chosenSecret = chosen.secret;
`;
}

/** Nothing that a user or a log sees holds the text: neither the output nor the state. */
async function assertHidden(run: Run, ...texts: string[]): Promise<void> {
    const state = await stack.state();
    for (const text of texts) {
        assert.ok(!run.output.includes(text), "in the output");
        assert.ok(!state.includes(text), "in the state");
    }
}

/** Whether Harbor's token service knows the robot account by this password. */
async function logsIn(username: unknown, password: unknown): Promise<boolean> {
    const { url } = harbor.lab.admin;
    const authorization = basic({ username: String(username), password: String(password) });
    const { status } = await ask(harbor.lab.admin, `${url}/service/token?service=harbor-registry`, {
        headers: { authorization },
    });
    assert.ok(status === 200 || status === 401, `${status}`);
    return status === 200;
}

test("logs in with generated, given and write-only secrets, which are nowhere in plain text", async () => {
    const preview = succeeded(await stack.preview("--diff"));
    await assertHidden(preview, given, writeOnly, webhook);
    const up = succeeded(await stack.up("--diff"));
    const { robots, secret, chosenSecret } = (await stack.outputs()) as {
        robots: Record<string, string>;
        secret: string;
        chosenSecret: string;
    }; // the program's exports
    assert.equal(chosenSecret, given);
    assert.match(secret, /^\S{8,128}$/);
    await assertHidden(up, given, writeOnly, webhook, secret);
    for (const [name, password] of [
        ["generated", secret],
        ["chosen", given],
        ["sent", writeOnly],
    ] as const) {
        assert.equal(await logsIn(robots[name], password), true, name);
    }
});

test("updates only a rotated secret, hidden, and the old secret stops working", async () => {
    await stack.program(program({ secret: rotated, version: 2 }));
    const preview = succeeded(await stack.preview("--diff"));
    assert.deepEqual(preview.diffs, { chosen: ["secret"], sent: ["secretWoVersion"] });
    const up = succeeded(await stack.up("--diff"));
    await assertHidden(preview, given, rotated, writeOnly);
    await assertHidden(up, given, rotated, writeOnly);
    const { robots } = (await stack.outputs()) as { robots: Record<string, string> };
    assert.equal(await logsIn(robots["chosen"], rotated), true);
    assert.equal(await logsIn(robots["chosen"], given), false);
    succeeded(await stack.refresh("--expect-no-changes"));
    succeeded(await stack.preview("--expect-no-changes"));
});

test("adopts a robot account with a given secret by the option `import`, and sets the secret", async () => {
    const { chosen } = await keptBy(stack);
    const name = "chosen";
    const secret = "Adopted-Secret-5";
    const other = await harbor.stack(`
import * as harbor from "@pulumi/harbor";
new harbor.RobotAccount("${name}", {
    name: "${name}", level: "project", secret: "${secret}",
    permissions: [{ kind: "project", namespace: "${prefix}", accesses: [{ resource: "repository", action: "pull" }] }],
}, { import: "${chosen?.id}" });
`);
    // Harbor returns no secrets, so the provider cannot compare them: it sets the secret in the same run.
    const up = succeeded(await other.up("--diff"));
    assert.deepEqual([up.operations, up.diffs], [{ [name]: "update" }, { [name]: ["secret"] }]);
    assert.ok(!up.output.includes(secret));
    assert.equal(await logsIn(chosen?.outputs["fullName"], secret), true);
    succeeded(await other.preview("--expect-no-changes"));
    await other.forget();
});

test("rejects a secret that Harbor would refuse in the preview, without showing it", async () => {
    await stack.program(program({ secret: "tooweakforit", version: 2 }));
    const preview = await stack.preview();
    assert.notEqual(preview.code, 0);
    assert.match(preview.output, /secret: /);
    await assertHidden(preview, "tooweakforit");
    await stack.program(program({ secret: rotated, version: 2 }));
});

test("keeps the provider's password secret in configuration and in an explicit provider", async () => {
    const { url, username, password } = harbor.lab.admin;
    const source = (name: string) => `
import * as pulumi from "@pulumi/pulumi";
import * as harbor from "@pulumi/harbor";
const login = new pulumi.Config("login");
const provider = new harbor.Provider("explicit", {
    url: "${harbor.proxy.url}", username: "${username}", password: login.requireSecret("password"),
});
new harbor.Project("configured", { name: "${name}-configured" });
new harbor.Project("explicit", { name: "${name}-explicit" }, { provider });
`;
    const other = await harbor.stack(source(`${prefix}-login`), {
        HARBOR_URL: undefined,
        HARBOR_USERNAME: undefined,
        HARBOR_PASSWORD: undefined,
    });
    for (const [key, value, ...flags] of [
        ["harbor:url", harbor.proxy.url],
        ["harbor:username", username],
        ["harbor:password", password, "--secret"],
        ["login:password", password, "--secret"],
    ] as const) {
        const set = await other.pulumi(["config", "set", key, value, ...flags]);
        assert.equal(set.code, 0, set.output);
    }
    const up = succeeded(await other.up("--diff"));
    assert.deepEqual(up.operations, { configured: "create", explicit: "create" });
    for (const text of [up.output, await other.state()]) {
        assert.ok(!text.includes(password), url);
    }
    succeeded(await other.preview("--expect-no-changes"));
});
