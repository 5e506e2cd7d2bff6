import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";

const root = resolve(__dirname, "..", "..");
const privateFolder = join(root, ".harbor-build", "bench");
const onDisk = join(privateFolder, "sandbox");
const key = createHash("sha256").update(onDisk).digest("hex").slice(0, 12);
const inMemory = `/dev/shm/harbor-build-bench-${key}`;

/** Command lines of the processes that work in the benchmark's folders. */
function processesOfBenchmark(): readonly string[] {
    return readdirSync("/proc").flatMap((pid) => {
        try {
            const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
            return [privateFolder, inMemory].some((one) => command.includes(one)) ? [command] : [];
        } catch {
            return []; // not a process, or one that ended
        }
    });
}

test("an interrupted benchmark ends its servers and removes its folders", async () => {
    const child = spawn(
        process.execPath,
        [
            ...["--import", "tsx", "tools/commands/main.ts", "bench"],
            ...["--project=quickstart", "--case=warm-source", "--rounds=9"],
            "--subject=makefile,harbor-build",
        ],
        { cwd: root, stdio: ["ignore", "inherit", "pipe"] },
    );
    const ended = new Promise<number | null>((done) => child.on("close", done));
    const lines: string[] = [];
    for await (const line of createInterface(child.stderr)) {
        lines.push(line);
        if (/^bench: round 1 of 9: quickstart × 1, cold: makefile: .* min left\)$/.test(line)) {
            assert.notDeepEqual(processesOfBenchmark(), []);
            // As `timeout -s INT npm run bench` does: to the group, and through npm.
            child.kill("SIGINT");
            setTimeout(() => child.kill("SIGINT"), 100);
        }
    }
    assert.equal(await ended, 130, lines.join("\n"));
    assert.match(lines.join("\n"), /^bench: interrupted; /m);
    assert.deepEqual(processesOfBenchmark(), []);
    assert.equal(existsSync(inMemory), false);
    assert.equal(existsSync(join(privateFolder, "work")), false);
});
