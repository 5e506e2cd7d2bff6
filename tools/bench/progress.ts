import { groupsOf } from "./cases";
import type { Match } from "./subject";

/** What {@link Progress} needs of its surroundings. */
interface ProgressOptions {
    /** Milliseconds until no further round may start. */
    leftMs(): number;
    /** Receives a line about each measurement. */
    log(line: string): void;
    /** Clock, in milliseconds. @default that of the process */
    nowMs?(): number;
}

/** Reports the rounds and the time that remains. */
export class Progress {
    private readonly options: ProgressOptions;
    private readonly startedMs: number;
    /** Measured images, and those of the rounds that are still to come. */
    private done = 0;
    private left: number;

    constructor(matches: readonly Match[], options: ProgressOptions) {
        this.options = options;
        this.startedMs = this.nowMs();
        this.left = matches.reduce((sum, match) => sum + match.rounds * imagesPerRound(match), 0);
    }

    /** Whether a round that takes this long may start. Otherwise logs that the match ends. */
    hasTime(match: Match, round: number, longestMs: number): boolean {
        if (longestMs <= this.options.leftMs()) return true;
        this.options.log(`stopping after ${round - 1} rounds: another one would take too long`);
        this.left -= (match.rounds - round + 1) * imagesPerRound(match);
        return false;
    }

    /** Logs a measurement of a subject. */
    measured(match: Match, round: number, what: string, wallMs: number): void {
        this.done += match.images;
        this.left -= match.images;
        const { sample, images, rounds } = match;
        const seconds = (wallMs / 1000).toFixed(1);
        const head = `round ${round} of ${rounds}: ${sample.name} × ${images}, ${what}: ${seconds} s`;
        this.options.log(`${head} (${this.remaining()})`);
    }

    private remaining(): string {
        if (this.left === 0) return "the last one";
        const estimateMs = ((this.nowMs() - this.startedMs) / this.done) * this.left;
        const minutes = Math.ceil(Math.min(estimateMs, this.options.leftMs()) / 60_000);
        return `about ${Math.max(minutes, 1)} min left`;
    }

    private nowMs(): number {
        return this.options.nowMs?.() ?? performance.now();
    }
}

/** Images that the subjects of a match build in one round, over all cases. */
function imagesPerRound({ images, subjects, cases }: Match): number {
    return images * subjects.length * groupsOf(cases).flat().length;
}
