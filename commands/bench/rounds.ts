import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { type Case, type Contender, cases } from "./contender";

/** Seconds by case, then by contender: one entry a round, in the order of the rounds. */
export type Times = Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;

export interface RoundsOptions {
    readonly contenders: readonly Contender[];
    /** Rounds at most; each is one bout of every contender. */
    readonly rounds: number;
    /** No round begins that would not end within this time, judged by the longest so far. */
    readonly limitMs: number;
    /** Makes this machine a new CI runner. */
    newRunner(): Promise<void>;
    /** Takes a line about what was just measured. */
    log(line: string): void;
}

/**
 * Measures rounds. In one round every contender goes through every case, so that times of one round
 * can be compared: the machine is as busy for one as for the other. Who begins changes by round.
 */
export async function runRounds(options: RoundsOptions): Promise<Times> {
    const startedMs = performance.now();
    const times: Record<string, Record<string, number[]>> = Object.fromEntries(
        cases.map(({ name }) => [name, {}]),
    );
    let longestMs = 0;
    for (let round = 1; round <= options.rounds; round++) {
        const beganMs = performance.now();
        if (round > 1 && beganMs - startedMs + longestMs > options.limitMs) {
            options.log(`stopping after ${round - 1} rounds: another one would take too long`);
            break;
        }
        for (const contender of rotated(options.contenders, round - 1)) {
            const seconds = await runBout(contender, round, options);
            for (const [name, value] of Object.entries(seconds)) {
                const row = times[name] ?? {};
                row[contender.name] = [...(row[contender.name] ?? []), value];
                times[name] = row;
            }
        }
        longestMs = Math.max(longestMs, performance.now() - beganMs);
    }
    return times;
}

function rotated<T>(items: readonly T[], by: number): T[] {
    const start = by % items.length;
    return [...items.slice(start), ...items.slice(0, start)];
}

async function runBout(
    contender: Contender,
    round: number,
    options: RoundsOptions,
): Promise<Record<string, number>> {
    const bout = await contender.open(round);
    const seconds: Record<string, number> = {};
    try {
        for (const item of cases) {
            await arrange(item, bout.sources, options);
            const startedMs = performance.now();
            await bout.run();
            const taken = (performance.now() - startedMs) / 1000;
            seconds[item.name] = taken;
            options.log(`round ${round}: ${contender.title}: ${item.title}: ${taken.toFixed(1)} s`);
        }
    } finally {
        await bout.close();
    }
    return seconds;
}

async function arrange(item: Case, sources: string, options: RoundsOptions): Promise<void> {
    if (item.changed) {
        // Reaches the binary: a comment alone would leave the app image's layer as it was.
        const statement = `\nfunc init() { println(${JSON.stringify(item.name)}) }\n`;
        await appendFile(join(sources, "cmd", "main.go"), statement);
    }
    if (item.newRunner) {
        await options.newRunner();
    }
}
