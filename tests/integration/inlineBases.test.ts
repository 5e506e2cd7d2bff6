import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { openLab, root, uniqueName, workDir } from "../support/lab";
import { startTinyRegistry } from "../unit/registry/tinyRegistry";

const run = promisify(execFile);

const program = (registry: string) => `
import { LocalWorkspace } from "@pulumi/pulumi/automation";
import { BaseImagePolicy, CachedImage } from "harbor-build";

async function main() {
    const plugins = { providers: [{ name: "harbor", path: ${JSON.stringify(join(root, "dist/plugin"))} }] };
    const stack = await LocalWorkspace.createOrSelectStack(
        {
            stackName: "inline",
            projectName: "inline",
            program: async () => {
                new CachedImage("side", {
                    project: { name: ${JSON.stringify(uniqueName("inline"))} },
                    context: "side",
                    baseImages: BaseImagePolicy.Pin,
                    baseImageMirrors: { "docker.io": ${JSON.stringify(registry)} },
                });
            },
        },
        { projectSettings: { name: "inline", runtime: "nodejs", main: process.cwd(), plugins } },
    );
    const pins = async () => {
        const { stdout } = await stack.preview({ diff: true });
        return stdout.match(/docker-image:[^"]*/g);
    };
    const first = await pins();
    await fetch(${JSON.stringify(`http://${registry}/move`)});
    console.log(JSON.stringify([first, await pins()]));
}
void main();
`;

test("asks for its base images in each run of an inline program, also in one process", async () => {
    const lab = openLab();
    const registry = await startTinyRegistry({
        projects: { library: "public" },
        before(request, response) {
            if (request.url !== "/move") return false;
            moved = push("moved");
            response.end();
            return true;
        },
    });
    let moved = "";
    const push = (author: string): string => {
        const digest = registry.blob("library/base", JSON.stringify({ author }));
        return registry.manifest("library/base", "1", { schemaVersion: 2, config: { digest } });
    };
    const first = push("first");
    mkdirSync(workDir, { recursive: true });
    const folder = mkdtempSync(join(workDir, "inline-"));
    for (const name of ["side", ".state"]) mkdirSync(join(folder, name));
    writeFileSync(join(folder, "side/Dockerfile"), "FROM base:1\nRUN true\n");
    writeFileSync(join(folder, "inline.ts"), program(registry.host));
    const { stdout } = await run(process.execPath, ["--import", "tsx", "inline.ts"], {
        cwd: folder,
        env: {
            ...lab.environment,
            PULUMI_BACKEND_URL: `file://${join(folder, ".state")}`,
            PULUMI_CONFIG_PASSPHRASE: "only for this test",
            PULUMI_STACK: "",
        },
    });
    rmSync(folder, { recursive: true, force: true });
    await registry.close();
    assert.notEqual(moved, first);
    assert.deepEqual(JSON.parse(stdout.trim().split("\n").at(-1) ?? ""), [
        [`docker-image://base:1@${first}`],
        [`docker-image://base:1@${moved}`],
    ]);
});
