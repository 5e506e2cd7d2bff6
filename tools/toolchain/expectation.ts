import { availableParallelism } from "node:os";
import type { Piece } from "./piece";

/**
 * What to expect of a build: how long it takes and why, and what to install so that less is built.
 * Empty for a build of less than a minute. The time is that of an empty Go cache.
 */
export function expectationOf(
    missing: readonly Piece[],
    cores = availableParallelism(),
): readonly string[] {
    const minutes = (some: readonly Piece[]) =>
        some.reduce((sum, { processorSeconds = 0 }) => sum + processorSeconds, 0) / cores / 60;
    if (minutes(missing) < 1) return [];
    const about = (some: readonly Piece[]) => `about ${Math.ceil(minutes(some))} min`;
    const shortcuts = missing.flatMap((piece) =>
        piece.instead === undefined ? [] : [`${piece.instead} (saves ${about([piece])})`],
    );
    return [
        `this takes ${about(missing)} on ${cores} cores, once: Go programs are compiled from source`,
        ...(shortcuts.length === 0
            ? []
            : [`to compile less, interrupt this and install ${shortcuts.join("; ")}`]),
    ];
}
