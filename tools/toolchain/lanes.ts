import { availableParallelism } from "node:os";

/** Runs a fixed number of tasks at once; further tasks wait in the order of their arrival. */
export class Lane {
    #free: number;
    readonly #waiting: (() => void)[] = [];

    constructor(width: number) {
        this.#free = width;
    }

    async run<T>(task: () => Promise<T>): Promise<T> {
        if (this.#free > 0) {
            this.#free--;
        } else {
            await new Promise<void>((admit) => this.#waiting.push(admit));
        }
        try {
            return await task();
        } finally {
            const next = this.#waiting.shift();
            if (next === undefined) {
                this.#free++;
            } else {
                next();
            }
        }
    }
}

/** The lanes that the pieces of one run share. */
export interface Lanes {
    /** For downloads, which wait for the network and not for cores. */
    readonly network: Lane;
    /** For compilers, which use all cores most of the time, and one core while they link. */
    readonly cores: Lane;
}

/** Lanes for this machine. */
export function newLanes(cores = availableParallelism()): Lanes {
    return { network: new Lane(4), cores: new Lane(Math.max(1, Math.ceil(cores / 2))) };
}
