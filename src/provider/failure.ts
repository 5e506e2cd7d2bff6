import { hasStatus, type RequestError } from "../http/error";

/** One failure of the inputs. */
export interface Failure {
    /** Property path, such as `permissions[0].kind`. */
    readonly property: string;
    /** The given value, what was expected, and what to do. */
    readonly reason: string;
    /** Whether the value has the wrong type, so that no other check applies. */
    readonly misshapen?: boolean;
}

/** A resource that exists, although its creation did not finish. */
export class PartialError extends Error {
    override readonly name = "PartialError" as const;
    readonly id: string;
    readonly outputs: Readonly<Record<string, unknown>>;

    constructor(
        message: string,
        made: { id: string; outputs: Readonly<Record<string, unknown>>; cause?: unknown },
    ) {
        super(message, { cause: made.cause });
        this.id = made.id;
        this.outputs = made.outputs;
    }
}

/** A mistake that the user can fix. Users see the message without a stack. */
export class UserError extends Error {
    override readonly name = "UserError" as const;
}

/**
 * What to do with a failed request, for `catch`: throws the explanation of its status, else the error
 * itself.
 *
 * @param explanations by status; undefined when the error explains itself
 */
export function explaining(
    explanations: Readonly<Record<number, (error: RequestError) => string | undefined>>,
): (error: unknown) => never {
    return (error) => {
        const statuses = Object.keys(explanations).map(Number);
        const message = hasStatus(error, ...statuses)
            ? explanations[error.status ?? 0]?.(error)
            : undefined;
        throw message === undefined ? error : new UserError(message, { cause: error });
    };
}

/** The first property of a path such as `permissions[0].kind`. */
export function topLevel(path: string): string {
    return path.split(/[.[]/)[0] ?? path;
}
