import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Daemon, ensureDaemon, isRunning, stopDaemon } from "../../../tools/sandbox/daemon";
import { makePlaces, type Places, placesOf } from "../../../tools/sandbox/places";

let places: Places;
before(() => {
    places = placesOf(mkdtempSync(join(tmpdir(), "daemon-")));
    makePlaces(places);
});
after(async () => {
    await stopDaemon(places, "job");
    rmSync(places.dataDir, { recursive: true, force: true });
    rmSync(places.sockets, { recursive: true, force: true });
});

const marker = (): string => join(places.dataDir, "ready");

function job(script: string, fingerprint = "1"): Daemon {
    return {
        name: "job",
        command: "/bin/sh",
        args: ["-c", script],
        environment: { PATH: process.env["PATH"] },
        fingerprint,
        isReady: async () => existsSync(marker()),
    };
}

const pidOf = (): number =>
    JSON.parse(readFileSync(join(places.run, "job.json"), "utf8")).pid as number;

/** A process that has ended counts as dead, even if its parent has not collected its status. */
function isAlive(pid: number): boolean {
    try {
        return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
    } catch {
        return false;
    }
}
const sleeper = (): string => `touch ${marker()}; exec sleep 600`;

test("keeps a daemon that runs as described, and restarts it for another description", async () => {
    await ensureDaemon(places, job(sleeper()));
    const first = pidOf();
    await ensureDaemon(places, job(sleeper()));
    assert.equal(pidOf(), first);
    await ensureDaemon(places, job(sleeper(), "2"));
    assert.notEqual(pidOf(), first);
    assert.equal(isAlive(first), false);
});

test("ends the whole process group, including processes that ignore polite requests", async () => {
    rmSync(marker(), { force: true });
    const child = join(places.dataDir, "child");
    const script = `(trap "" TERM; sleep 600) & echo $! > ${child}; touch ${marker()}; wait`;
    await ensureDaemon(places, job(script, "group"));
    const pids = [pidOf(), Number(readFileSync(child, "utf8"))];
    await stopDaemon(places, "job");
    const deadline = Date.now() + 5000;
    while (pids.some(isAlive) && Date.now() < deadline) {
        await sleep(10); // what was just killed may need a moment to be gone
    }
    assert.deepEqual(pids.map(isAlive), [false, false]);
    assert.equal(isRunning(places, "job"), false);
});

test("neither trusts nor kills a number that now belongs to another process", async () => {
    const record = { pid: process.pid, started: "some other time", fingerprint: "x" };
    writeFileSync(join(places.run, "job.json"), JSON.stringify(record));
    assert.equal(isRunning(places, "job"), false);
    await stopDaemon(places, "job");
    assert.equal(isAlive(process.pid), true);
});

test("reports a daemon that ends at once with the end of its log", async () => {
    rmSync(marker(), { force: true });
    await assert.rejects(ensureDaemon(places, job("echo no such thing >&2; exit 3")), (error) => {
        assert.match(String(error), /job ended with 3/);
        assert.match(String(error), /log\/job\.log:\n {2}.*no such thing/s);
        return true;
    });
});

test("reports a missing program", async () => {
    const missing = { ...job(""), command: "/nowhere/program" };
    await assert.rejects(ensureDaemon(places, missing), /\/nowhere\/program/);
});
