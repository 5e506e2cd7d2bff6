/** One fault of a build's files. */
export interface ContextFailure {
    readonly subject: "context" | "dockerfile" | "ignoreFile";
    /** Name of the file or folder. */
    readonly path: string;
    /** Line in that file, counted from 1. */
    readonly line?: number;
    readonly reason: string;
}

/** Every fault of a build's files. */
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

/** Why something cannot be read, in words. */
export function unreadable(error: NodeJS.ErrnoException, expected: string): string {
    switch (error.code) {
        case "EISDIR":
            return `this is a folder; expected ${expected}`;
        case "EACCES":
        case "EPERM":
            return `${error.path ?? "it"} cannot be read: permission denied`;
        default:
            return `${error.path ?? "it"} cannot be read: ${error.code}`;
    }
}
