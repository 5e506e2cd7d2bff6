import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { writeAtomically } from "./files";
import type { Places } from "./places";
import { SandboxError } from "./sandboxError";

/** A background process: the command, and how to test that it answers. */
export interface Daemon {
    readonly name: string;
    readonly command: string;
    readonly args: readonly string[];
    readonly environment: NodeJS.ProcessEnv;
    /**
     * Other things that the process depends on, such as its configuration; a change restarts it.
     */
    readonly fingerprint: string;
    isReady(): Promise<boolean>;
}

interface Record {
    readonly pid: number;
    readonly started: string;
    readonly fingerprint: string;
}

const readyTimeoutMs = 60_000;
const pollMs = 25;
const termTimeoutMs = 10_000;
const killTimeoutMs = 5_000;
const logTailLines = 15;

const recordPath = (places: Places, name: string): string => join(places.run, `${name}.json`);
const logPath = (places: Places, name: string): string => join(places.log, `${name}.log`);

/** When a process started, which distinguishes it from earlier processes with the same id. */
function startOf(pid: number): string | undefined {
    try {
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
        const [state, ticks] = [fields[0], fields[19]]; // Fields 3 and 22 of proc(5).
        return state === "Z" || ticks === undefined ? undefined : `${boot} ${ticks}`;
    } catch {
        return undefined;
    }
}

function readRecord(places: Places, name: string): Record | undefined {
    try {
        const value: unknown = JSON.parse(readFileSync(recordPath(places, name), "utf8"));
        const entries = new Map(Object.entries(value ?? {}));
        const pid: unknown = entries.get("pid");
        const started: unknown = entries.get("started");
        const fingerprint: unknown = entries.get("fingerprint");
        return typeof pid === "number" && typeof started === "string"
            ? { pid, started, fingerprint: String(fingerprint) }
            : undefined;
    } catch {
        return undefined;
    }
}

/** The process recorded under this name, if the same process still runs. */
function living(places: Places, name: string): Record | undefined {
    const record = readRecord(places, name);
    return record !== undefined && startOf(record.pid) === record.started ? record : undefined;
}

export const isRunning = (places: Places, name: string): boolean =>
    living(places, name) !== undefined;

const fingerprintOf = (daemon: Daemon): string =>
    createHash("sha256")
        .update(JSON.stringify([daemon.command, daemon.args, daemon.fingerprint]))
        .digest("hex");

/** Whether the daemon runs exactly as described. */
export function isUpToDate(places: Places, daemon: Daemon): boolean {
    return living(places, daemon.name)?.fingerprint === fingerprintOf(daemon);
}

/** Starts the daemon unless it runs as described; it outlives the caller. */
export async function ensureDaemon(places: Places, daemon: Daemon): Promise<void> {
    if (isUpToDate(places, daemon)) {
        return;
    }
    await stopDaemon(places, daemon.name);
    const log = openSync(logPath(places, daemon.name), "a", 0o600);
    const child = spawn(daemon.command, daemon.args, {
        cwd: places.dataDir,
        detached: true,
        env: daemon.environment,
        stdio: ["ignore", log, log],
    });
    closeSync(log);
    const failed = new Promise<never>((_, reject) => child.once("error", reject));
    failed.catch(() => undefined); // The race is below; nothing handles a later error.
    child.unref();
    const { pid } = child;
    const started = pid === undefined ? undefined : startOf(pid);
    if (pid !== undefined && started !== undefined) {
        const record: Record = { pid, started, fingerprint: fingerprintOf(daemon) };
        writeAtomically(recordPath(places, daemon.name), JSON.stringify(record), 0o600);
    }
    await Promise.race([
        failed,
        becomeReady(places, daemon, () => child.exitCode ?? child.signalCode),
    ]);
}

async function becomeReady(
    places: Places,
    daemon: Daemon,
    ended: () => number | string | null,
): Promise<void> {
    const deadline = Date.now() + readyTimeoutMs;
    while (!(await daemon.isReady())) {
        const status = ended();
        if (status !== null) {
            throw new SandboxError(
                `${daemon.name} ended with ${status}\n${logTail(places, daemon.name)}`,
            );
        }
        if (Date.now() > deadline) {
            await stopDaemon(places, daemon.name);
            throw new SandboxError(
                `${daemon.name} did not answer within ${readyTimeoutMs / 1000} s\n${logTail(places, daemon.name)}`,
            );
        }
        await sleep(pollMs);
    }
}

function logTail(places: Places, name: string): string {
    const path = logPath(places, name);
    const lines = readFileSync(path, "utf8").trimEnd().split("\n").slice(-logTailLines);
    return [`the end of ${path}:`, ...lines].join("\n  ");
}

/** Ends the daemon and its process group, first with SIGTERM, then with SIGKILL. */
export async function stopDaemon(places: Places, name: string): Promise<void> {
    const record = living(places, name);
    if (record !== undefined) {
        signal(record.pid, "SIGTERM");
        await ends(record, termTimeoutMs);
        signal(record.pid, "SIGKILL"); // The process, if it still runs, and what it left in its group.
        await ends(record, killTimeoutMs);
    }
    rmSync(recordPath(places, name), { force: true });
}

function signal(pid: number, name: NodeJS.Signals): void {
    try {
        process.kill(-pid, name);
    } catch {
        // The group has already ended.
    }
}

async function ends(record: Record, timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (startOf(record.pid) === record.started) {
        if (Date.now() > deadline) {
            return;
        }
        await sleep(pollMs);
    }
}
