/** One thing wrong with inputs. */
export interface Failure {
    /** Property path, such as `permissions[0].kind`. */
    readonly property: string;
    /** What was given, what was expected, what to do. */
    readonly reason: string;
    /** Whether the value is not even of the right type, so that nothing else can be said of it. */
    readonly misshapen?: boolean;
}

/** A resource that exists now, although not everything about it was done. */
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

/** A mistake that the user can mend: its message is shown as it is, without a stack. */
export class UserError extends Error {
    override readonly name = "UserError" as const;
}

/** The message of whatever was thrown. */
export function reasonOf(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}

/** The property that a path such as `permissions[0].kind` begins with. */
export function topLevel(path: string): string {
    return path.split(/[.[]/)[0] ?? path;
}
