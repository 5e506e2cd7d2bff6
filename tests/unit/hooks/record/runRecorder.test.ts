import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { RunRecorder } from "../../../../src/hooks/record/runRecorder";
import { root } from "../../../support/lab";
import { construct } from "../../engine/constructs";

test("writes the reports of many runs when the process ends, with one listener for all", () => {
    const folder = mkdtempSync(join(tmpdir(), "hb-reports-"));
    const program = `
        import { RunRecorder } from "./src/hooks/record/runRecorder";
        process.on("warning", (warning) => console.log(warning.message));
        for (let run = 0; run < 12; run++) {
            const recorder = new RunRecorder({ HARBOR_BUILD_REPORT: "${folder}/" + run });
            recorder.refuse("fm", "invalid in run " + run);
        }
        console.log(process.listenerCount("exit") - before);
    `;
    const output = execFileSync(
        process.execPath,
        ["--import", "tsx", "--eval", `const before = process.listenerCount("exit");${program}`],
        { cwd: root, encoding: "utf8" },
    );
    assert.equal(output, "1\n");
    for (let run = 0; run < 12; run++) {
        assert.match(
            readFileSync(join(folder, String(run)), "utf8"),
            new RegExp(`in run ${run}\\b`),
        );
    }
});

test("searches each text for secrets once, and again when there is a new secret", (t) => {
    const file = join(mkdtempSync(join(tmpdir(), "hb-reports-")), "report.md");
    const recorder = new RunRecorder({ HARBOR_BUILD_REPORT: file });
    const message = "neither first-secret nor second-secret";
    recorder.hide(["first-secret"]);
    recorder.refuse("fm", message);
    const { mock } = t.mock.method(String.prototype, "includes");
    const searches = () => {
        recorder.write();
        const count = mock.calls.filter((call) => String(call.this) === message).length;
        mock.resetCalls();
        return count;
    };
    assert.notEqual(searches(), 0);
    recorder.hide(["first-secret"]);
    assert.equal(searches(), 0);
    assert.match(readFileSync(file, "utf8"), /neither &#91;secret&#93; nor second-secret/);
    recorder.hide(["second-secret"]);
    assert.notEqual(searches(), 0);
    assert.match(readFileSync(file, "utf8"), /neither &#91;secret&#93; nor &#91;secret&#93;/);
});

test("writes each change at once in a plugin for another language, which the engine may kill", () => {
    const file = join(mkdtempSync(join(tmpdir(), "hb-reports-")), "report.md");
    construct("127.0.0.1:1", () => {
        const recorder = new RunRecorder({ HARBOR_BUILD_REPORT: file });
        recorder.refuse("fm", "the first fault");
        assert.match(readFileSync(file, "utf8"), /the first fault/);
        recorder.refuse("fm", "the second fault");
        assert.match(readFileSync(file, "utf8"), /the second fault/);
    });
});

test("makes paths of the machine relative, but not the paths of a Dockerfile", () => {
    const file = join(mkdtempSync(join(tmpdir(), "hb-reports-")), "report.md");
    const recorder = new RunRecorder({ HARBOR_BUILD_REPORT: file });
    const path = join(process.cwd(), "fm");
    const image = { component: "fm", name: "fm-app", stage: undefined, references: [] };
    const mounts = [{ id: path, result: "saved" }];
    recorder.expect(image).change({
        state: "failed",
        error: `cannot read ${path}`,
        saves: { startMs: 0, ms: 1, mounts },
    });
    recorder.write();
    const report = readFileSync(file, "utf8");
    assert.match(report, /cannot read fm\b/);
    assert.match(report, /^- \*\*Cache mounts\*\*: \/.+\/fm saved$/m);
});

test("warns once about each report that cannot be written, and goes on", (t) => {
    const { mock } = t.mock.method(pulumi.log, "warn", async () => undefined);
    const recorder = new RunRecorder({
        HARBOR_BUILD_REPORT: "/nonexistent/report.md",
        HARBOR_BUILD_PAGE: "/nonexistent/page.html",
    });
    recorder.write();
    recorder.write();
    const warning = (variable: string, file: string) =>
        `${variable}: cannot write the report (ENOENT: no such file or directory, open '/nonexistent/${file}'). The run is not affected. Fix: name a file in a folder that exists and may be written.`;
    assert.deepEqual(
        mock.calls.map(({ arguments: [message] }) => message),
        [warning("HARBOR_BUILD_REPORT", "report.md"), warning("HARBOR_BUILD_PAGE", "page.html")],
    );
});
