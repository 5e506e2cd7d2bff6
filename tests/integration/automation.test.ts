import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { openLab, root, uniqueName, workDir } from "../support/lab";
import { projectExists } from "../support/registry";

const run = promisify(execFile);
const name = uniqueName("inline");
const files = {
    "side/Dockerfile": "FROM scratch\nCOPY text /text\n",
    "side/text": "beside it\n",
    "automation.ts": `
import { LocalWorkspace } from "@pulumi/pulumi/automation";
import { CachedImage } from "harbor-build";

let project: { name: string; existing?: boolean } = { name: ${JSON.stringify(name)} };

async function main() {
    const stack = await LocalWorkspace.createOrSelectStack(
        {
            stackName: "inline",
            projectName: "inline",
            program: async () => {
                const side = new CachedImage("side", {
                    project,
                    context: "side",
                    retainImages: project.existing === true,
                });
                return { ref: side.ref, references: side.references };
            },
        },
        {
            projectSettings: {
                name: "inline",
                runtime: "nodejs",
                // The engine's plugins read contexts from here, as the program does.
                main: process.cwd(),
                plugins: {
                    providers: [{ name: "harbor", path: ${JSON.stringify(join(root, "dist/plugin"))} }],
                },
            },
        },
    );
    const preview = await stack.preview();
    const up = await stack.up();
    const again = await stack.up();
    const hooks = JSON.stringify(await stack.exportStack()).match(/harbor-build:side:cache[^"]*/g);
    await stack.destroy();
    project = { name: "${name}-nowhere", existing: true };
    const missing = await stack.preview().then(() => "", String);
    console.log(JSON.stringify({
        preview: preview.changeSummary,
        up: up.summary.resourceChanges,
        again: again.summary.resourceChanges,
        ref: up.outputs["ref"]?.value,
        references: up.outputs["references"]?.value,
        cache: /cache: .* not written yet; the build starts with only the builder's local cache/.test(up.stdout),
        hooks: [...new Set(hooks)],
        missing: /project.name: Harbor has no project "[^"]+"/.exec(missing)?.[0],
    }));
}
void main();
`,
};

test("previews, updates and destroys an inline program with the Automation API", async () => {
    const lab = openLab();
    mkdirSync(workDir, { recursive: true });
    const folder = mkdtempSync(join(workDir, "automation-"));
    for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), text);
    }
    mkdirSync(join(folder, ".state"));
    const { stdout } = await run(process.execPath, ["--import", "tsx", "automation.ts"], {
        cwd: folder,
        env: {
            ...lab.environment,
            PULUMI_BACKEND_URL: `file://${join(folder, ".state")}`,
            PULUMI_CONFIG_PASSPHRASE: "only for this test",
            PULUMI_STACK: "",
        },
    });
    rmSync(folder, { recursive: true, force: true });
    const told = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
    const host = new URL(lab.admin.url).host;
    const { ref, ...rest } = told;
    assert.match(ref, /\/side:latest@sha256:[0-9a-f]{64}$/);
    assert.deepEqual(rest, {
        preview: { create: 5 },
        up: { create: 5 },
        again: { same: 5 },
        references: [`${host}/${name}/side:latest`],
        cache: true,
        // Each run has its own hooks, in one process.
        hooks: ["harbor-build:side:cache"],
        missing: `project.name: Harbor has no project "${name}-nowhere"`,
    });
    assert.equal(await projectExists(lab.admin, name), false);
});
