/** One fault in the Dockerfile, the ignore file or the context of a build. */
export interface ContextFailure {
    readonly subject: "context" | "dockerfile" | "ignoreFile";
    /** Name of the file or folder. */
    readonly path: string;
    /** Line in that file, counted from 1. */
    readonly line?: number;
    readonly reason: string;
}

/** All faults in the files of a build. */
export class ContextError extends Error {
    override readonly name = "ContextError" as const;
    readonly failures: readonly ContextFailure[];

    constructor(failures: readonly ContextFailure[]) {
        super(failures.map(describeContextFailure).join("\n"));
        this.failures = failures;
    }
}

/** `Dockerfile line 3: …` */
export function describeContextFailure({ path, line, reason }: ContextFailure): string {
    return line === undefined ? `${path}: ${reason}` : `${path} line ${line}: ${reason}`;
}

/** An error of the file system. */
export function isSystemError(cause: unknown): cause is NodeJS.ErrnoException {
    return cause instanceof Error && "code" in cause && typeof cause.code === "string";
}

/** Describes why a file or folder cannot be read. */
export function unreadable(error: NodeJS.ErrnoException, expected: string): string {
    switch (error.code) {
        case "EISDIR":
            return `this is a folder; expected ${expected}`;
        case "ESPIPE":
            return `this is a pipe, a socket or a device; expected ${expected}`;
        case "ELOOP":
            return `links lead in a circle; expected ${expected}. Correct the target of the link`;
        case "ERR_INVALID_ARG_VALUE":
            return `this is not a path; expected ${expected}`;
        case "EACCES":
        case "EPERM":
            return `${error.path ?? "it"} cannot be read: permission denied`;
        default:
            return `${error.path ?? "it"} cannot be read: ${error.code}`;
    }
}
