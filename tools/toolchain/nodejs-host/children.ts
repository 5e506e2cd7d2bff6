import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";

/** How a child process ended: its exit code, or the signal that ended it. */
export type Ending = { readonly code: number } | { readonly signal: NodeJS.Signals };

/** Time between SIGINT and SIGKILL, in milliseconds; the engine allows its plugins the same time. */
const killDelayMs = 4_500;

/** The processes that this host started. None outlives the host. */
export class Children {
    readonly #running = new Map<ChildProcess, Promise<Ending>>();

    /** Starts a process. `ending` resolves after all output, and rejects when the process cannot start. */
    start(file: string, args: readonly string[], options: SpawnOptions): StartedChild {
        const child = spawn(file, args, options);
        const ending = new Promise<Ending>((resolve, reject) => {
            child.on("error", reject);
            child.on("close", (code, signal) =>
                resolve(signal === null ? { code: code ?? 0 } : { signal }),
            );
        });
        this.#running.set(child, ending);
        const forget = () => this.#running.delete(child);
        ending.then(forget, forget);
        return { child, ending, interrupt: () => interrupt(child) };
    }

    /** Asks all processes to end, kills those that do not, and returns when all are gone. */
    async interruptAll(): Promise<void> {
        const endings = [...this.#running].map(([child, ending]) => {
            interrupt(child);
            return ending;
        });
        await Promise.allSettled(endings);
    }

    /** Kills all processes; for the exit of this process. */
    killAll(): void {
        for (const child of this.#running.keys()) {
            child.kill("SIGKILL");
        }
    }
}

/** A process of this host. */
export interface StartedChild {
    readonly child: ChildProcess;
    readonly ending: Promise<Ending>;
    /** Asks the process to end, and kills it when it does not. */
    interrupt(): void;
}

function interrupt(child: ChildProcess): void {
    child.kill("SIGINT");
    const timer = setTimeout(() => child.kill("SIGKILL"), killDelayMs);
    child.once("exit", () => clearTimeout(timer));
}
