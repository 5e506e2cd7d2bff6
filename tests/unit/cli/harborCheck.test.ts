import assert from "node:assert/strict";
import { chmodSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { describeFinding } from "../../../src/cli/finding";
import { checkHarbor } from "../../../src/cli/harborCheck";
import { writeFolder } from "../../support/tinyProject";

interface Setting {
    readonly value: string;
    readonly secret?: boolean;
}

const mapValues = <T>(values: Readonly<Record<string, T>>, change: (value: T) => unknown) =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));

/** Runs the check with a Pulumi whose stack has these settings; `undefined` for one that it cannot decrypt. */
async function check(
    settings: Readonly<Record<string, Setting | undefined>>,
    environment: NodeJS.ProcessEnv = {},
    timeoutMs?: number,
) {
    const config = mapValues(settings, (setting) =>
        setting === undefined || setting.secret ? { secret: true } : setting,
    );
    const folder = writeFolder({
        "pulumi.d/config": JSON.stringify(config),
        ...Object.fromEntries(
            Object.entries(settings).flatMap(([key, setting]) =>
                setting === undefined ? [] : [[`pulumi.d/${key}`, `${setting.value}\n`]],
            ),
        ),
        pulumi: `#!/bin/sh
echo "$*" >> "$0.d/calls"
test "$2" = --json && exec cat "$0.d/config"
exec cat "$0.d/$3"
`,
    });
    chmodSync(join(folder, "pulumi"), 0o755);
    const project = { folder, programFolder: folder, fileName: "Pulumi.yaml", text: "" };
    const env = { PATH: `${folder}:${process.env["PATH"]}`, ...environment };
    const { findings, host } = await checkHarbor(project, env, timeoutMs);
    return {
        host,
        lines: findings.map(describeFinding),
        calls: readFileSync(join(folder, "pulumi.d", "calls"), "utf8")
            .trimEnd()
            .split("\n"),
    };
}

const url = { value: "http://127.0.0.1:9" };

test("asks a silent Harbor once", async () => {
    let asked = 0;
    const silent = createServer(() => asked++);
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as AddressInfo; // A listening TCP server has a port.
    const address = `http://127.0.0.1:${port}`;
    const login = { HARBOR_URL: address, HARBOR_USERNAME: "me", HARBOR_PASSWORD: "a" };
    const { lines } = await check({}, login, 200);
    silent.close();
    silent.closeAllConnections();
    assert.equal(asked, 1);
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? "", /^✖ Harbor: .*no answer within 200 ms /);
});
const secretOf = (value: string) => ({ value, secret: true });

test("decrypts only the secrets of the Harbor provider", async () => {
    const { calls, host } = await check({
        "harbor:url": url,
        "harbor:username": { value: "me" },
        "harbor:password": secretOf("secret-1"),
        "shop:token": secretOf("secret-2"),
    });
    assert.deepEqual(calls, ["config --json", "config get harbor:password"]);
    assert.equal(host, "127.0.0.1:9");
});

test("reports a secret that Pulumi cannot decrypt", async () => {
    const { lines } = await check({ "harbor:url": url, "harbor:password": undefined });
    assert.deepEqual(lines, [
        "✖ harbor:password: Pulumi cannot decrypt it.\n  Fix: set PULUMI_CONFIG_PASSPHRASE or log in to the stack's backend, then run this command again.",
    ]);
});

test("shows no secret of an invalid setting", async () => {
    const text = 'X-Token: "4711-secret"';
    for (const headers of [{ value: text }, secretOf(text)]) {
        const { lines } = await check({ "harbor:url": url, "harbor:headers": headers });
        assert.deepEqual(lines, [
            '✖ harbor:headers: "[secret]" is not an object of texts.\n  Fix: set it, then run this command again.',
        ]);
    }
    const { lines } = await check({ "harbor:url": { value: "https://me:secret-1@h:x" } });
    assert.deepEqual(lines, [
        '✖ harbor:url: "https://h:x" is not an address; expected https://host[:port].\n  Fix: set it, then run this command again.',
    ]);
});

test("shows no secret of the stack or the environment in the message of another setting", async () => {
    const settings = { "harbor:url": url, "harbor:apiVersion": secretOf("4711-secret") };
    assert.match((await check(settings)).lines.join(), /apiVersion: "\[secret\]" is not a number/);
    const { lines } = await check(
        { "harbor:url": url, "harbor:apiVersion": { value: "pass-word" } },
        { HARBOR_PASSWORD: "pass-word" },
    );
    assert.match(lines.join(), /apiVersion: "\[secret\]" is not a number/);
});
