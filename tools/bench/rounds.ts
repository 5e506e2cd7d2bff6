import type { Measurement } from "./arena";
import { type Case, type Change, groupsOf } from "./cases";
import type { Sample } from "./samples";
import type { Bout, Subject } from "./subject";

/** Subjects that build one sample, side by side. */
export interface Match {
    readonly sample: Sample;
    /** Number of images in the stack. */
    readonly images: number;
    readonly subjects: readonly Subject[];
    /** Names of the cases; the first case runs always, because it fills the caches of the others. */
    readonly cases: readonly string[];
    /** Maximum number of rounds. */
    readonly rounds: number;
}

/** What one subject took in one case; one entry per round. */
export interface Series {
    readonly case: string;
    readonly subject: string;
    readonly project: string;
    readonly images: number;
    readonly measurements: Measurement[];
}

/** What {@link runMatch} needs of its surroundings. */
export interface Surroundings {
    /** Milliseconds until no further round may start. A round starts only if the longest so far would fit. */
    leftMs(): number;
    /** Empties BuildKit's cache, as on a new CI runner. */
    newRunner(): Promise<void>;
    measure(action: () => Promise<void>): Promise<Measurement>;
    /** Receives a line about each measurement. */
    log(line: string): void;
}

/**
 * Measures the rounds of a match. Within a round the subjects alternate: all of them run the cases of
 * one runner before the first one gets the next runner. So the times of one case are minutes apart at
 * most, and the load of the machine is similar. The first subject changes from round to round.
 */
export async function runMatch(match: Match, surroundings: Surroundings): Promise<Series[]> {
    const series: Series[] = [];
    let longestMs = 0;
    for (let round = 1; round <= match.rounds; round++) {
        if (longestMs > surroundings.leftMs()) {
            surroundings.log(`stopping after ${round - 1} rounds: another one would take too long`);
            break;
        }
        const beganMs = performance.now();
        await runRound(match, round, { ...surroundings, series });
        longestMs = Math.max(longestMs, performance.now() - beganMs);
    }
    return series;
}

async function runRound(
    match: Match,
    round: number,
    surroundings: Surroundings & { readonly series: Series[] },
): Promise<void> {
    const { sample, images } = match;
    const bouts: { readonly subject: Subject; readonly bout: Bout }[] = [];
    try {
        for (const subject of rotated(match.subjects, round - 1)) {
            bouts.push({ subject, bout: await subject.open({ sample, images }) });
        }
        for (const group of groupsOf(match.cases)) {
            for (const { subject, bout } of bouts) {
                for (const item of group) {
                    await arrange(item, bout, match.sample, surroundings);
                    const measured = await surroundings.measure(() => bout.run());
                    note(surroundings.series, match, { item, subject }, measured);
                    const seconds = (measured.wallMs / 1000).toFixed(1);
                    const what = `${sample.name} × ${images}, ${item.name}: ${subject.name}`;
                    surroundings.log(`round ${round}: ${what}: ${seconds} s`);
                }
            }
        }
    } finally {
        for (const { bout } of bouts) await bout.close();
    }
}

function rotated<T>(items: readonly T[], by: number): T[] {
    const start = by % items.length;
    return [...items.slice(start), ...items.slice(0, start)];
}

function note(
    series: Series[],
    { sample, images }: Match,
    { item, subject }: { readonly item: Case; readonly subject: Subject },
    measurement: Measurement,
): void {
    const key = { case: item.name, subject: subject.name, project: sample.name, images };
    const known = series.find((one) => one.case === key.case && one.subject === key.subject);
    if (known === undefined) {
        series.push({ ...key, measurements: [measurement] });
    } else {
        known.measurements.push(measurement);
    }
}

async function arrange(
    { name, change, losesState, newRunner }: Case,
    bout: Bout,
    sample: Sample,
    surroundings: Surroundings,
): Promise<void> {
    if (change !== undefined) {
        await applyChange(change, bout, sample, name);
    }
    if (losesState) {
        await bout.loseState();
    }
    if (newRunner) {
        await surroundings.newRunner();
    }
}

async function applyChange(
    change: Change,
    { contexts }: Bout,
    sample: Sample,
    mark: string,
): Promise<void> {
    for (const context of contexts) await sample.changes[change](context, mark);
}
