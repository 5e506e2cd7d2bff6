import { constants } from "node:os";
import { Problem } from "../commands/problem";

/** Ends the benchmark early, so that it can still remove what it made. */
export interface Interruption {
    /** Aborted by the first SIGINT, SIGTERM or SIGHUP; its reason is a {@link Problem}. */
    readonly signal: AbortSignal;
    /** The exit code of an interrupted run, as a shell reports it; undefined without an interruption. */
    exitCode(): number | undefined;
    /** Leaves signals to Node.js again. */
    close(): void;
}

/** Parents that forward a signal of the whole group deliver it again within this time, in milliseconds. */
const repeatMs = 1_000;

/** Waits for an interruption. A second signal, later than a repeat, ends the process at once. */
export function watchInterruption(): Interruption {
    const controller = new AbortController();
    let received: NodeJS.Signals | undefined;
    const interrupt = (signal: NodeJS.Signals) => {
        if (received !== undefined) return;
        received = signal;
        setTimeout(close, repeatMs).unref();
        process.stderr.write("bench: interrupted; ending the servers and removing the folders\n");
        controller.abort(new Problem("interrupted"));
    };
    const signals: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
    const close = () => {
        for (const signal of signals) process.off(signal, interrupt);
    };
    for (const signal of signals) process.on(signal, interrupt);
    return {
        signal: controller.signal,
        exitCode: () => (received === undefined ? undefined : 128 + constants.signals[received]),
        close,
    };
}
