/** One fault of a Dockerfile. */
export interface DockerfileFailure {
    /** What is wrong, with the value and what was expected. */
    readonly reason: string;
    /** First line of the instruction it is about, counted from 1; absent when it is about the file. */
    readonly line?: number;
}

/** Every fault of a Dockerfile, so that a user can fix them together. */
export class DockerfileError extends Error {
    override readonly name = "DockerfileError" as const;
    readonly failures: readonly DockerfileFailure[];

    constructor(failures: readonly DockerfileFailure[]) {
        super(failures.map(describeFailure).join("\n"));
        this.failures = failures;
    }
}

/** `line 3: …`, or the bare reason when the failure is about the whole file. */
export function describeFailure(failure: DockerfileFailure): string {
    return failure.line === undefined ? failure.reason : `line ${failure.line}: ${failure.reason}`;
}

/** A refusal of one instruction; whoever knows its line turns it into a {@link DockerfileFailure}. */
export class Refusal extends Error {
    override readonly name = "Refusal" as const;
}
