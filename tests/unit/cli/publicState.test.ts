import assert from "node:assert/strict";
import { chmodSync, existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { CommandError } from "../../../src/cli/finding";
import { publicProvider } from "../../../src/cli/publicPassphrase";
import { publishState } from "../../../src/cli/publicState";
import { writeFolder } from "../../support/tinyProject";

const signature = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
const secret = "correct horse battery";

/** The state of a stack whose output `password` is a secret. */
function stateOf({ version = 3, type = "passphrase", time = "1", outputs = {}, resources = [{}] }) {
    const urn = "urn:pulumi:main::shop::pulumi:pulumi:Stack::shop-main";
    const export_ = (password: object) => ({
        version,
        deployment: {
            manifest: { time },
            secrets_providers: { type, state: { salt: "v1:main" } },
            resources: resources.map((more) => ({
                urn,
                outputs: { password, ...outputs },
                ...more,
            })),
            pending_operations: [{ resource: { password }, type: "creating" }],
        },
    });
    return {
        encrypted: export_({ ...signature, ciphertext: "v1:abc:def" }),
        plain: export_({ ...signature, plaintext: JSON.stringify(secret) }),
    };
}

/** Runs the command with a Pulumi that prints these exports. */
async function publish({ encrypted, plain }: ReturnType<typeof stateOf>, more = {}) {
    const folder = writeFolder({
        "encrypted.json": JSON.stringify(encrypted),
        "plain.json": typeof plain === "string" ? plain : JSON.stringify(plain),
        pulumi: '#!/bin/sh\ncd "$(dirname "$0")"\ncase "$*" in *--show-secrets*) cat plain.json ;; *) cat encrypted.json ;; esac\n',
    });
    chmodSync(join(folder, "pulumi"), 0o755);
    const file = join(folder, "public.json");
    const lines: string[] = [];
    const PATH = [folder, process.env["PATH"]].join(delimiter);
    const place = { folder, env: { PATH, ...more }, print: (line: string) => lines.push(line) };
    const error = await publishState(place, { file, stack: "main" }).then(
        () => undefined,
        (reason: unknown) => reason,
    );
    assert.equal(error === undefined || error instanceof CommandError, true, String(error));
    const text = existsSync(file) ? readFileSync(file, "utf8") : undefined;
    return { text, output: lines.join("\n"), message: (error as Error | undefined)?.message };
}

test("writes a state with the public passphrase, without secrets and pending operations", async () => {
    const { text = "", output } = await publish(stateOf({}));
    const { project, stack, state } = JSON.parse(text);
    assert.deepEqual([project, stack], ["shop", "main"]);
    assert.deepEqual(state.deployment.secrets_providers, publicProvider);
    assert.equal("pending_operations" in state.deployment, false);
    assert.doesNotMatch(text, /correct|v1:abc|v1:main/);
    assert.match(output, /: 1 resources, 2 secrets replaced, no copy of a secret found\n/);
    assert.match(output, /pending operations: 1 of an interrupted run/);
});

test("names the stacks whose outputs the program reads", async () => {
    const type = "pulumi:pulumi:StackReference";
    const { output } = await publish(
        stateOf({ resources: [{}, { type, id: "acme/net/prod" } as object] }),
    );
    assert.match(
        output,
        /other stacks: the program reads outputs of acme\/net\/prod, which previews cannot\./,
    );
});

test("writes nothing when another value contains a secret, and names only the place", async () => {
    const { text, message = "" } = await publish(
        stateOf({ outputs: { url: `?p=${encodeURIComponent(secret)}` } }),
    );
    assert.equal(text, undefined);
    assert.match(
        message,
        /\n {2}urn:pulumi:main::shop::pulumi:pulumi:Stack::shop-main\.outputs\.url\n/,
    );
    assert.doesNotMatch(message, /horse/);
});

test("writes nothing when a value contains a secret of the environment", async () => {
    const given = stateOf({ outputs: { url: "token-of-the-job" } });
    const { text, message = "" } = await publish(given, { CI_TOKEN: "token-of-the-job" });
    assert.equal(text, undefined);
    assert.match(message, /outputs\.url\n/);
});

test("does not quote an export that is not JSON", async () => {
    const { text, message } = await publish({ ...stateOf({}), plain: `${secret} {` as never });
    assert.equal(text, undefined);
    assert.equal(
        message,
        "pulumi stack export --stack main --show-secrets: its output is not JSON. Fix: run the command yourself to see its output, and set no variable that adds to it.",
    );
});

test("refuses states that it cannot know", async () => {
    const messages = [
        stateOf({ version: 5 }),
        stateOf({ type: "vault" }),
        stateOf({ resources: [] }),
        { ...stateOf({}), plain: stateOf({ time: "2" }).plain },
    ].map(async (state) => (await publish(state)).message);
    assert.deepEqual(await Promise.all(messages), [
        "version: the state has version 5. Expected 3 or 4. Fix: update harbor-build.",
        'secrets_providers: "vault" is unknown. Expected passphrase, cloud, service. Fix: update harbor-build: this version does not support this provider.',
        "state: it has no resources. Fix: run `pulumi up` first.",
        "state: it changed during the export. Fix: run this command again after the update.",
    ]);
});
