import assert from "node:assert/strict";
import { globSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { captureChild } from "../../tools/commands/child";
import { runCommand } from "../../tools/toolchain/command";
import { ensureTools } from "../../tools/toolchain/tools";
import { needingPython } from "../support/needs";
import { pythonEnvironment } from "../support/python";

const root = join(__dirname, "..", "..");
const files = globSync("{.,examples/*}/.github/workflows/*.yml", { cwd: root }).sort();

test("GitHub accepts the workflows of the repository and of the examples", async () => {
    const { actionlint } = await ensureTools(["actionlint"]);
    assert.ok(files.includes("examples/pull-requests/.github/workflows/preview.yml"), `${files}`);
    const { code, stdout } = await captureChild(actionlint, ["-no-color", ...files], { cwd: root });
    assert.equal(code, 0, stdout);
});

needingPython("the schema of GitLab's CI file matches the example's file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "hb-python-"));
    await pythonEnvironment(folder, ["check-jsonschema==0.39.0"]);
    await runCommand(join(folder, "bin", "check-jsonschema"), [
        "--builtin-schema=vendor.gitlab-ci",
        join(root, "examples", "pull-requests", ".gitlab-ci.yml"),
    ]);
});

needingPython("zizmor finds no weakness in the workflows", async () => {
    const folder = mkdtempSync(join(tmpdir(), "hb-python-"));
    await pythonEnvironment(folder, ["zizmor==1.32.0"]);
    const zizmor = join(folder, "bin", "zizmor");
    const { code, stdout } = await captureChild(zizmor, ["--offline", ...files], { cwd: root });
    assert.equal(code, 0, stdout);
});
