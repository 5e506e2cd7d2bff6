/** Stops requests in stages, so that no resource is created in Harbor and then lost. */
export interface Cancellation {
    /** Ends waits between attempts; no request is repeated. */
    readonly waits: AbortSignal;
    /** Stops new writes, and ends running writes after some time for their answers. */
    readonly writes: AbortSignal;
    /** Ends reads. Last, so that the client can first look up the result of an unanswered write. */
    readonly reads: AbortSignal;
}

/** A cancellation that stops everything as soon as `signal` fires, for callers that change nothing. */
export function atOnce(signal: AbortSignal): Cancellation {
    return { waits: signal, writes: signal, reads: signal };
}

/** Times between a cancellation and the end of requests, in milliseconds. */
export interface CancellationTimes {
    /** For running writes. @default 2000 */
    readonly writesMs: number;
    /** For reads, which look up the results of those writes. @default 6000 */
    readonly readsMs: number;
}

const timesDefault: CancellationTimes = { writesMs: 2000, readsMs: 6000 };

/** A cancellation that starts once. */
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

    /** Ends waits now, and writes and reads soon. */
    cancel(): void {
        const { waits, writes, reads } = this.controllers;
        waits.abort();
        setTimeout(() => writes.abort(), this.times.writesMs).unref();
        setTimeout(() => reads.abort(), this.times.readsMs).unref();
    }
}
