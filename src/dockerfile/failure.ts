/** One fault of a Dockerfile. */
export interface DockerfileFailure {
    /** What is wrong, with the value and what was expected. */
    readonly reason: string;
    /**
     * First line of the instruction, counted from 1; absent when the fault is of the whole file.
     */
    readonly line?: number;
}

/** All faults of a Dockerfile, so that a user can fix them together. */
export class DockerfileError extends Error {
    override readonly name = "DockerfileError" as const;
    readonly failures: readonly DockerfileFailure[];

    constructor(failures: readonly DockerfileFailure[]) {
        super(failures.map(describeFailure).join("\n"));
        this.failures = failures;
    }
}

/** `line 3: …`, or only the reason when the fault is of the whole file. */
export function describeFailure(failure: DockerfileFailure): string {
    return failure.line === undefined ? failure.reason : `line ${failure.line}: ${failure.reason}`;
}

/** What to do about syntax that this package does not know. */
export const ifNewer = "if a newer frontend accepts it, use SlicePolicy.Whole";

/**
 * A fault of one instruction. The caller adds the line and makes it a {@link DockerfileFailure}.
 */
export class InstructionError extends Error {
    override readonly name = "InstructionError" as const;
}

/** Does work on an instruction, and adds the instruction's fault to `failures`. */
export function attempt<T>(
    failures: DockerfileFailure[],
    line: number | undefined,
    work: () => T,
): T | undefined {
    try {
        return work();
    } catch (cause) {
        if (!(cause instanceof InstructionError)) throw cause;
        failures.push({ ...(line === undefined ? {} : { line }), reason: cause.message });
        return undefined;
    }
}
