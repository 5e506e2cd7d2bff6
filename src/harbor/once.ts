import { hasStatus, RequestError, RequestErrorKind } from "../http/error";
import type { Answer } from "./answer";

/** An existing resource, with the time of its creation by Harbor's clock. */
export interface Found<T> {
    readonly value: T;
    readonly createdMs: number;
    /** Harbor's time at the lookup. @default this machine's time */
    readonly serverTimeMs?: number | undefined;
}

/** A creation that must happen exactly once. */
export interface Creation<T> {
    /** Sends the POST. */
    readonly post: () => Promise<Answer>;
    /** Reads the new resource from a successful answer; undefined when the answer lacks it. */
    readonly fromAnswer: (answer: Answer) => T | undefined;
    /** Looks up the resource by its exact name. */
    readonly find: () => Promise<Found<T> | undefined>;
}

/** Result of a {@link Creation}. */
export interface Created<T> {
    readonly value: T;
    /** Whether the answer was lost and a lookup found the resource. */
    readonly recovered: boolean;
}

/** Maximum number of attempts when answers get lost. */
const attemptsMax = 3;
/** Tolerance in milliseconds: the `Date` header has whole seconds, and requests take time to arrive. */
const clockSlackMs = 2000;

/**
 * Creates a resource whose POST must not be repeated blindly. When the answer is lost, this function
 * looks up the resource. A resource created since the first attempt is the requested one. An older
 * resource is a conflict, which Harbor would have reported.
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
            throw missing("the creation, but the resource does not exist");
        } catch (error) {
            const conflictAfterLoss = lost !== undefined && hasStatus(error, 409);
            if (!(error instanceof RequestError && error.ambiguous) && !conflictAfterLoss)
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

function missing(what: string): RequestError {
    return new RequestError({
        kind: RequestErrorKind.Protocol,
        reason: `Harbor reported ${what}`,
    });
}

function isCancelled(error: unknown): boolean {
    return error instanceof RequestError && error.kind === RequestErrorKind.Cancelled;
}

function isOurs(found: Found<unknown>, elapsedMs: number): boolean {
    const now = found.serverTimeMs ?? Date.now();
    return found.createdMs >= now - elapsedMs - clockSlackMs;
}

/**
 * Creates what exists once and has no name, such as a project's retention policy. After a lost answer,
 * or a refusal as a duplicate, what exists is the requested one.
 *
 * @param what for the error when Harbor reports a creation of something that does not exist
 */
export async function createOrFind<T>(creation: {
    readonly what: string;
    readonly post: () => Promise<T | undefined>;
    readonly find: () => Promise<T | undefined>;
}): Promise<{ readonly value: T; readonly existed: boolean }> {
    const { what, post, find } = creation;
    let fault: unknown;
    for (let attempt = 1; attempt <= 2; attempt++) {
        try {
            const value = await post();
            if (value !== undefined) return { value, existed: false };
        } catch (error) {
            const isLost = error instanceof RequestError && error.ambiguous;
            if (!isLost && !hasStatus(error, 409)) throw error;
            fault = error;
        }
        const value = await find();
        if (value !== undefined) return { value, existed: hasStatus(fault, 409) };
    }
    throw fault ?? missing(`the creation of ${what}, which does not exist`);
}
