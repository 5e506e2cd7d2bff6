/** How requests are stopped: not all at once, so that nothing is made in Harbor and then forgotten. */
export interface Cancellation {
    /** Ends waits between attempts: nothing is tried again. */
    readonly waits: AbortSignal;
    /** Ends writes and lets no more begin. One on its way is given some time to be answered before. */
    readonly writes: AbortSignal;
    /** Ends reads. Last, so that what a write without an answer came to can be looked up before. */
    readonly reads: AbortSignal;
}

/** One that stops everything the moment `signal` fires: for whoever changes nothing. */
export function atOnce(signal: AbortSignal): Cancellation {
    return { waits: signal, writes: signal, reads: signal };
}

/** How long after a cancellation each thing goes on, in milliseconds. */
export interface CancellationTimes {
    /** Writes that are on their way. @default 2000 */
    readonly writesMs: number;
    /** Reads, which look up what came of those writes. @default 6000 */
    readonly readsMs: number;
}

const timesDefault: CancellationTimes = { writesMs: 2000, readsMs: 6000 };

/** A cancellation that can be asked for once. */
export class GradualCancellation implements Cancellation {
    private readonly controllers = {
        waits: new AbortController(),
        writes: new AbortController(),
        reads: new AbortController(),
    };
    private readonly times: CancellationTimes;

    constructor(times: CancellationTimes = timesDefault) {
        this.times = times;
    }

    get waits(): AbortSignal {
        return this.controllers.waits.signal;
    }

    get writes(): AbortSignal {
        return this.controllers.writes.signal;
    }

    get reads(): AbortSignal {
        return this.controllers.reads.signal;
    }

    /** Ends waits now, writes and reads soon. */
    cancel(): void {
        const { waits, writes, reads } = this.controllers;
        waits.abort();
        setTimeout(() => writes.abort(), this.times.writesMs).unref();
        setTimeout(() => reads.abort(), this.times.readsMs).unref();
    }
}
