/** The middle value; the mean of the two middle ones when their number is even. */
export function median(values: readonly number[]): number {
    const sorted = [...values].sort((left, right) => left - right);
    const upper = sorted[Math.floor(sorted.length / 2)];
    const lower = sorted[Math.floor((sorted.length - 1) / 2)];
    if (upper === undefined || lower === undefined) {
        throw new Error("there is no median of no values");
    }
    return (lower + upper) / 2;
}

/**
 * Median over the rounds of ours divided by theirs in the same round: below 1 ours is faster. Paired,
 * since how busy the machine was differs by round and drops out.
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
