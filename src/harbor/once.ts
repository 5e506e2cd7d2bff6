import type { Answer } from "./answer";
import { HarborError, HarborErrorKind, hasStatus } from "./error";

/** Something found in Harbor, with the time of its creation by Harbor's clock. */
export interface Found<T> {
    readonly value: T;
    readonly createdMs: number;
    /** Harbor's clock when it was looked up. */
    readonly serverTimeMs: number | undefined;
}

/** One creation that must happen exactly once. */
export interface Creation<T> {
    /** Sends the POST. */
    readonly post: () => Promise<Answer>;
    /** Reads the new thing out of a good answer; undefined when the answer does not tell. */
    readonly fromAnswer: (answer: Answer) => T | undefined;
    /** Looks the thing up by its exact name. */
    readonly find: () => Promise<Found<T> | undefined>;
}

/** What came of a {@link Creation}. */
export interface Created<T> {
    readonly value: T;
    /** Whether the answer was lost and the thing was found afterwards. */
    readonly recovered: boolean;
}

/** Attempts in all when answers get lost. */
const attemptsMax = 3;
/** Harbor's dates are cut to seconds in the `Date` header; and requests need some time to arrive. */
const clockSlackMs = 2000;

/**
 * Creates something whose POST may not be repeated blindly. When the answer is lost, it is looked
 * up; only what was made since our first attempt counts as ours. A thing that was there before is a
 * conflict, as Harbor would have said.
 */
export async function createOnce<T>(creation: Creation<T>): Promise<Created<T>> {
    const started = Date.now();
    let lost: unknown;
    for (let attempt = 1; attempt <= attemptsMax; attempt++) {
        try {
            const answer = await creation.post();
            const value = creation.fromAnswer(answer);
            if (value !== undefined) return { value, recovered: false };
            const found = await creation.find();
            if (found) return { value: found.value, recovered: false };
            throw new Error("Harbor said that it was created, but it is not there");
        } catch (error) {
            const conflictAfterLoss = lost !== undefined && hasStatus(error, 409);
            if (!(error instanceof HarborError && error.ambiguous) && !conflictAfterLoss)
                throw error;
            if (!conflictAfterLoss) lost = error;
            const found = await creation.find();
            if (found && isOurs(found, Date.now() - started)) {
                return { value: found.value, recovered: true };
            }
            if (found || conflictAfterLoss || isCancelled(error)) throw error;
        }
    }
    throw lost;
}

function isCancelled(error: unknown): boolean {
    return error instanceof HarborError && error.kind === HarborErrorKind.Cancelled;
}

function isOurs(found: Found<unknown>, elapsedMs: number): boolean {
    const now = found.serverTimeMs ?? Date.now();
    return found.createdMs >= now - elapsedMs - clockSlackMs;
}
