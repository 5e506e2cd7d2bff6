import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "./temporary";

const root = temporaryFolder();

for (const signal of ["SIGINT", "SIGTERM"] as const) {
    test(`ends a build at once on ${signal} and leaves no partial entry`, async () => {
        const folder = join(root, signal);
        const program = join(__dirname, "interruptedRun.ts");
        const child = spawn(process.execPath, ["--import", "tsx", program, folder], {
            stdio: ["ignore", "pipe", "inherit"],
        });
        let output = "";
        const startedMs = Date.now();
        child.stdout.on("data", (chunk: Buffer) => {
            output += chunk.toString("utf8");
            if (output === "building\n") {
                child.kill(signal);
            }
        });
        const [code] = await once(child, "close");
        assert.equal(code, 0);
        assert.equal(
            output,
            `building\ninterrupted by ${signal}; finished builds stay in the cache\n`,
        );
        assert.ok(Date.now() - startedMs < 20_000);
        assert.deepEqual(readdirSync(folder), ["logs"]);
    });
}
