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

/**
 * Our time divided by theirs in the same round, as the median of the rounds. Below 1 ours is faster.
 * Pairing the rounds removes the load of the machine, which differs from round to round.
 */
export function pairedRatio(ours: readonly number[], theirs: readonly number[]): number {
    return median(
        ours.map((value, round) => {
            const other = theirs[round];
            if (other === undefined) {
                throw new Error(`round ${round + 1} was not measured for both`);
            }
            return value / other;
        }),
    );
}
