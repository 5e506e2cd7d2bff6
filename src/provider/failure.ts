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

/** The first property of a path such as `permissions[0].kind`. */
export function topLevel(path: string): string {
    return path.split(/[.[]/)[0] ?? path;
}
