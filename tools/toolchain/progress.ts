import type { Writable } from "node:stream";

/** Where progress goes: standard error, so that standard output belongs to the caller. */
export interface ProgressSink {
    readonly stream: Writable;
    /** Whether the last line may be overwritten. */
    readonly live: boolean;
    /** Width of that line, in characters. */
    readonly columns: number;
}

/** One build in progress. */
export interface Step {
    /** Sets the current activity ("downloading", "compiling"). */
    phase(doing: string): void;
    /** Prints a note on a separate line. */
    note(text: string): void;
    done(): void;
    failed(): void;
}

interface Running {
    readonly label: string;
    readonly startedMs: number;
    doing: string;
}

const heartbeatMs = 30_000;
const redrawMs = 500;

/**
 * Shows what is being built and for how long. A terminal gets one line that is overwritten. Other
 * outputs get a line at the start and the end of each step, and a line every 30 s for running steps.
 */
export class Progress {
    readonly #sink: ProgressSink;
    readonly #running = new Set<Running>();
    #timer: NodeJS.Timeout | undefined;

    constructor(sink: ProgressSink = standardError()) {
        this.#sink = sink;
    }

    start(label: string): Step {
        const running: Running = { label, startedMs: Date.now(), doing: "" };
        this.#running.add(running);
        this.#timer ??= setInterval(
            () => this.#tick(),
            this.#sink.live ? redrawMs : heartbeatMs,
        ).unref();
        const end = (outcome: string) => {
            this.#running.delete(running);
            this.line(`${label}: ${outcome} after ${elapsed(running)}`);
            this.#stopWhenIdle();
        };
        if (!this.#sink.live) {
            this.line(`${label}: started`);
        }
        return {
            phase: (doing) => {
                running.doing = doing;
            },
            note: (text) => this.line(`${label}: ${text}`),
            done: () => end("done"),
            failed: () => end("failed"),
        };
    }

    /** Writes a line that is not overwritten. */
    line(text: string): void {
        this.#sink.stream.write(`${this.#sink.live ? "\r\x1b[K" : ""}toolchain: ${text}\n`);
    }

    #tick(): void {
        const all = [...this.#running].map((running) => {
            const doing = running.doing === "" ? "" : `${running.doing}, `;
            return `${running.label} (${doing}${elapsed(running)})`;
        });
        if (this.#sink.live) {
            const text = `toolchain: ${all.join(" · ")}`.slice(0, this.#sink.columns - 1);
            this.#sink.stream.write(`\r\x1b[K${text}`);
        } else {
            this.line(`still building ${all.join(", ")}`);
        }
    }

    #stopWhenIdle(): void {
        if (this.#running.size === 0) {
            clearInterval(this.#timer);
            this.#timer = undefined;
        }
    }
}

function elapsed({ startedMs }: Running): string {
    const seconds = Math.round((Date.now() - startedMs) / 1000);
    return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function standardError(): ProgressSink {
    const { stderr } = process;
    return { stream: stderr, live: stderr.isTTY === true, columns: stderr.columns ?? 80 };
}
