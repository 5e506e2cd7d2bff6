import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { type Case, type Contender, cases } from "./contender";

/** Seconds by case, then by contender, with one entry per round in order. */
export type Times = Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;

export interface RoundsOptions {
    readonly contenders: readonly Contender[];
    /** Maximum number of rounds; a round is one bout of every contender. */
    readonly rounds: number;
    /** Time limit in milliseconds. A round starts only if the longest round so far would fit. */
    readonly limitMs: number;
    /** Empties BuildKit's cache, as on a new CI runner. */
    newRunner(): Promise<void>;
    /** Receives a line about each measurement. */
    log(line: string): void;
}

/**
 * Measures rounds. In one round every contender runs every case under a similar load of the machine,
 * so the times of one round are comparable. The first contender changes from round to round.
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
        // A change that reaches the binary; a comment would leave the app image's layer unchanged.
        const statement = `\nfunc init() { println(${JSON.stringify(item.name)}) }\n`;
        await appendFile(join(sources, "cmd", "main.go"), statement);
    }
    if (item.newRunner) {
        await options.newRunner();
    }
}
