import assert from "node:assert/strict";
import { chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { publicProvider } from "../../../src/cli/publicPassphrase";
import { previewState } from "../../../src/cli/publicPreview";
import { writeFolder } from "../../support/tinyProject";

const good = {
    format: "harbor-build public state 1",
    project: "shop",
    stack: "main",
    state: { version: 3, deployment: { secrets_providers: publicProvider, resources: [] } },
};

async function refusal(content: unknown): Promise<string> {
    const folder = writeFolder({
        "Pulumi.yaml": "name: shop\nruntime: nodejs\n",
        "public.json": typeof content === "string" ? content : JSON.stringify(content),
    });
    const file = join(folder, "public.json");
    const error = await previewState({ folder, env: {} }, { file, args: [] }).catch((one) => one);
    assert.equal(error.name, "CommandError", error.stack);
    return error.message.replaceAll(file, "FILE");
}

const fix = "Fix: write it with `npx harbor-build public-state`, in the same version.";

test("refuses files that are no public states, before Pulumi starts", async () => {
    const { state } = good;
    const others = {
        notJson: "<html>",
        otherFormat: { ...good, format: "harbor-build public state 2" },
        path: { ...good, stack: "../../main" },
        hidden: { ...good, project: ".shop" },
        version: { ...good, state: { ...state, version: 9 } },
        provider: {
            ...good,
            state: { version: 3, deployment: { secrets_providers: { type: "cloud" } } },
        },
        project: { ...good, project: "another" },
    };
    const messages = await Promise.all(
        Object.entries(others).map(async ([name, content]) => [name, await refusal(content)]),
    );
    const { notJson, ...exact } = Object.fromEntries(messages);
    assert.match(notJson ?? "", /^FILE: cannot be read \(.*<html>.*\)\. Fix: write it/);
    assert.deepEqual(exact, {
        otherFormat: `FILE: its format is "harbor-build public state 2". Expected "harbor-build public state 1". ${fix}`,
        path: `FILE: the name of its project or stack is not one of Pulumi's. ${fix}`,
        hidden: `FILE: the name of its project or stack is not one of Pulumi's. ${fix}`,
        version: `FILE: its state has version 9. Expected 3 or 4. ${fix}`,
        provider: `FILE: its secrets provider is not that of public states. ${fix}`,
        project:
            'FILE: it is the state of the project "another". Expected "shop", the name in Pulumi.yaml. Fix: use the file of this project.',
    });
});

test("reports a state that was changed on its way and that Pulumi does not import", async () => {
    const changed = {
        ...good,
        state: { ...good.state, deployment: { ...good.state.deployment, resources: [{ urn: 1 }] } },
    };
    const folder = writeFolder({
        "Pulumi.yaml": "name: shop\nruntime: nodejs\n",
        "public.json": JSON.stringify(changed),
        pulumi: `#!/bin/sh
echo "$* \${PULUMI_ACCESS_TOKEN-no token}" >> "$(dirname "$0")/calls"
test "$2" != import || { echo "error: could not read deployment"; exit 255; }
`,
    });
    chmodSync(join(folder, "pulumi"), 0o755);
    const file = join(folder, "public.json");
    const env = { PATH: `${folder}:${process.env["PATH"]}`, PULUMI_ACCESS_TOKEN: "of main" };
    const error = await previewState({ folder, env }, { file, args: [] }).catch((one) => one);
    assert.equal(
        error.message,
        "public state: Pulumi cannot import it:\nerror: could not read deployment\n Fix: write it again with `npx harbor-build public-state`, with the version of Pulumi that the pull request uses, or an older one; the file may have been changed.",
    );
    const calls = readFileSync(join(folder, "calls"), "utf8");
    assert.doesNotMatch(calls, /^preview|of main/m);
    const scratch = /--file (\S+)\/state\.json/.exec(calls)?.[1] ?? "";
    assert.equal(scratch.includes("harbor-build-preview-"), true);
    assert.equal(existsSync(scratch), false);
});
