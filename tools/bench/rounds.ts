import type { Measurement } from "./arena";
import { type Case, groupsOf } from "./cases";
import type { Progress } from "./progress";
import type { Sample } from "./samples";
import { type Bout, type Match, makefileName, type Subject } from "./subject";

/** What one subject took in one case; one entry per round. */
export interface Series {
    readonly case: string;
    readonly subject: string;
    readonly project: string;
    readonly images: number;
    /** The subject with which ratios compare. */
    readonly reference: string;
    readonly measurements: Measurement[];
}

/** What {@link runMatch} needs of its surroundings. */
export interface Surroundings {
    /** Decides whether there is time for a round, and receives each measurement. */
    readonly progress: Pick<Progress, "hasTime" | "measured">;
    /** Empties BuildKit's cache, as on a new CI runner. */
    newRunner(): Promise<void>;
    measure(action: () => Promise<void>): Promise<Measurement>;
}

/**
 * Measures the rounds of a match. Within a round the subjects alternate: all of them run the cases of
 * one runner before the first one gets the next runner. So the times of one case are minutes apart at
 * most, and the load of the machine is similar. The first subject changes from round to round. A round
 * starts only if the longest so far would fit.
 */
export async function runMatch(match: Match, surroundings: Surroundings): Promise<Series[]> {
    const series: Series[] = [];
    let longestMs = 0;
    for (let round = 1; round <= match.rounds; round++) {
        if (!surroundings.progress.hasTime(match, round, longestMs)) break;
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
                    const what = `${item.name}: ${subject.name}`;
                    surroundings.progress.measured(match, round, what, measured.wallMs);
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
    { sample, images, reference = makefileName }: Match,
    { item, subject }: { readonly item: Case; readonly subject: Subject },
    measurement: Measurement,
): void {
    const key = {
        case: item.name,
        subject: subject.name,
        project: sample.name,
        images,
        reference,
    };
    const known = series.find((one) => one.case === key.case && one.subject === key.subject);
    if (known === undefined) {
        series.push({ ...key, measurements: [measurement] });
    } else {
        known.measurements.push(measurement);
    }
}

async function arrange(
    { name, change, changesFirst, losesState, newRunner }: Case,
    bout: Bout,
    sample: Sample,
    surroundings: Surroundings,
): Promise<void> {
    if (change !== undefined) {
        const contexts = changesFirst ? bout.contexts.slice(0, 1) : bout.contexts;
        for (const context of contexts) await sample.changes[change](context, name);
    }
    if (losesState) {
        await bout.loseState();
    }
    if (newRunner) {
        await surroundings.newRunner();
    }
}
