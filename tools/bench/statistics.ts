/** The middle value, or the mean of the two middle values of an even number. */
export function median(values: readonly number[]): number {
    const sorted = [...values].sort((left, right) => left - right);
    const upper = sorted[Math.floor(sorted.length / 2)];
    const lower = sorted[Math.floor((sorted.length - 1) / 2)];
    if (upper === undefined || lower === undefined) {
        throw new Error("an empty list has no median");
    }
    return (lower + upper) / 2;
}

/** The middle of several values, and how far they differ. */
export interface Spread {
    readonly median: number;
    readonly min: number;
    readonly max: number;
}

/** The spread of ratios, rounded to a thousandth. */
export function spreadOf(ratios: readonly number[]): Spread {
    const round = (value: number) => Math.round(value * 1000) / 1000;
    return {
        median: round(median(ratios)),
        min: round(Math.min(...ratios)),
        max: round(Math.max(...ratios)),
    };
}

/**
 * One time divided by the other in each round. Pairing the rounds removes the load of the machine,
 * which differs from round to round.
 */
export function pairedRatios(these: readonly number[], others: readonly number[]): number[] {
    return these.map((value, round) => {
        const other = others[round];
        if (other === undefined) {
            throw new Error(`round ${round + 1} was not measured for both`);
        }
        return value / other;
    });
}
