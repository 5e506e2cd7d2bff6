import {
    closeSync,
    linkSync,
    openSync,
    readFileSync,
    renameSync,
    rmSync,
    writeSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Places } from "./places";
import { SandboxError } from "./sandboxError";

const waitMs = 180_000;
const pollMs = 50;

function isAlive(pid: number): boolean {
    try {
        process.kill(pid, 0);
        return true;
    } catch {
        return false;
    }
}

function holder(path: string): number | undefined {
    try {
        return Number(readFileSync(path, "utf8"));
    } catch {
        return undefined;
    }
}

function take(path: string): boolean {
    try {
        const file = openSync(path, "wx", 0o600);
        writeSync(file, String(process.pid));
        closeSync(file);
        return true;
    } catch {
        return false;
    }
}

/** Removes the lock of a killed process, unless another process has just taken it over. */
function discard(path: string, pid: number): void {
    const aside = `${path}.${process.pid}`;
    try {
        renameSync(path, aside);
        if (holder(aside) !== pid) {
            linkSync(aside, path);
        }
    } catch {
        // Another process was faster.
    }
    rmSync(aside, { force: true });
}

/** Runs `work` while no other process works on the same data folder. */
export async function locked<R>(places: Places, work: () => Promise<R>): Promise<R> {
    const path = join(places.dataDir, "lock");
    const deadline = Date.now() + waitMs;
    while (!take(path)) {
        const pid = holder(path);
        if (pid !== undefined && pid !== 0 && !isAlive(pid)) {
            discard(path, pid);
            continue;
        }
        if (Date.now() > deadline) {
            throw new SandboxError(`${path}: process ${pid} has held it for ${waitMs / 1000} s`);
        }
        await sleep(pollMs);
    }
    try {
        return await work();
    } finally {
        rmSync(path, { force: true });
    }
}
