import { availableParallelism } from "node:os";

/** Lets a fixed number of tasks run at once; the others wait in the order they came. */
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

/** What the pieces of one run share. */
export interface Lanes {
    /** Downloads: they wait for the network, not for cores. */
    readonly network: Lane;
    /** Compilers: each uses all cores most of the time, and one while it links. */
    readonly cores: Lane;
}

/** Lanes for this machine. */
export function newLanes(cores = availableParallelism()): Lanes {
    return { network: new Lane(4), cores: new Lane(Math.max(1, Math.ceil(cores / 2))) };
}
