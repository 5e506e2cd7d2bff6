import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { captureChild } from "../../tools/commands/child";
import { ensureTools } from "../../tools/toolchain/tools";

const root = join(__dirname, "..", "..");
const files = globSync("{.,examples/*}/.github/workflows/*.yml", { cwd: root }).sort();

test("GitHub accepts the workflows of the repository and of the examples", async () => {
    const { actionlint } = await ensureTools(["actionlint"]);
    assert.ok(files.includes("examples/pull-requests/.github/workflows/pulumi.yml"), `${files}`);
    const { code, stdout } = await captureChild(actionlint, ["-no-color", ...files], { cwd: root });
    assert.equal(code, 0, stdout);
});
