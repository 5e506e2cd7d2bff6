import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { openLab, uniqueName } from "../support/lab";
import { needingRelease } from "../support/needs";
import { quickstartFiles, quickstartProgram } from "../support/quickstart";
import { succeeded } from "../support/run";
import { TestStack } from "../support/stack";

const lab = openLab();

needingRelease("runs programs with the release's CLI and language host", async () => {
    const folder = process.env["HARBOR_BUILD_ENGINE"] ?? "";
    assert.equal(lab.pulumi, join(folder, "pulumi"));
    const [first = ""] = (lab.environment["PATH"] ?? "").split(delimiter);
    assert.equal(first, folder);
    const host = await readFile(join(folder, "pulumi-language-nodejs"));
    assert.notEqual(host.subarray(0, 2).toString(), "#!", "not the toolchain's host, a script");

    const stack = await TestStack.create(lab, quickstartProgram(uniqueName("released")), {
        files: quickstartFiles,
    });
    const { output } = succeeded(await stack.preview());
    assert.doesNotMatch(output, /warning: .*language host/);
});
