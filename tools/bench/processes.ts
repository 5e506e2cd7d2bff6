import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { Problem } from "../commands/problem";

const sampleMs = 100;
const tickMs = 10; // a hundred clock ticks per second on every Linux
const pageBytes = 4096;

/** What commands used. */
export interface Usage {
    /** Processor time of the commands and their children, in milliseconds. */
    readonly cpuMs: number;
    /** Largest sum of the resident memory of all processes of a command, in megabytes. */
    readonly peakRssMb: number;
}

/** Runs commands and measures what they use. */
export class Processes {
    private peakBytes = 0;
    private takenMs = childrenCpuMs();
    private readonly signal: AbortSignal;

    /** @param signal Interrupts the command that runs, and every later one. */
    constructor(signal: AbortSignal) {
        this.signal = signal;
    }

    /** What the commands used since the previous call. */
    take(): Usage {
        const nowMs = childrenCpuMs();
        const usage = {
            cpuMs: nowMs - this.takenMs,
            peakRssMb: Math.round(this.peakBytes / 1e6),
        };
        this.takenMs = nowMs;
        this.peakBytes = 0;
        return usage;
    }

    /**
     * Runs a program to its end.
     *
     * @throws Problem with the whole output when the program exits with a code other than 0, and the
     * reason of an interruption.
     */
    async run(
        file: string,
        args: readonly string[],
        options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
    ): Promise<void> {
        this.signal.throwIfAborted();
        // A shell's background job ignores SIGINT and its children inherit that: the engine would then
        // wait five seconds for its plugins, and kill them.
        const command = ["--default-signal=INT", file, ...args];
        // In a group of its own: a terminal would send a second SIGINT, on which programs end at once
        // and leave their plugins.
        const child = spawn("env", command, {
            ...options,
            stdio: ["ignore", "pipe", "pipe"],
            detached: true,
        });
        const interrupt = () => child.kill("SIGINT");
        this.signal.addEventListener("abort", interrupt);
        const output: Buffer[] = [];
        child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
        child.stderr.on("data", (chunk: Buffer) => output.push(chunk));
        const timer = setInterval(() => {
            this.peakBytes = Math.max(this.peakBytes, residentBytes(child.pid));
        }, sampleMs);
        try {
            const code = await new Promise<number | null>((resolve, reject) => {
                child.on("error", reject);
                child.on("close", resolve);
            });
            this.signal.throwIfAborted();
            if (code !== 0) {
                const shown = [file, ...args].join(" ");
                throw new Problem(`${shown}: exit code ${code}\n${Buffer.concat(output)}`);
            }
        } finally {
            clearInterval(timer);
            this.signal.removeEventListener("abort", interrupt);
        }
    }
}

/** Processor time of all children that ended, and of their children. */
function childrenCpuMs(): number {
    const stat = readFileSync("/proc/self/stat", "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ticks = Number(fields[13]) + Number(fields[14]); // fields 16 and 17 of proc(5)
    return ticks * tickMs;
}

/** Resident memory of a process and its descendants. */
function residentBytes(pid: number | undefined): number {
    if (pid === undefined) {
        return 0;
    }
    try {
        const pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
        const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
            readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").split(" "),
        );
        return children
            .filter((child) => child !== "")
            .reduce((sum, child) => sum + residentBytes(Number(child)), pages * pageBytes);
    } catch {
        return 0; // it ended in the meantime
    }
}
