import * as pulumi from "@pulumi/pulumi";

/** An invalid argument. */
export interface Fault {
    /** Path of the argument: `builderStages[0]`, `project.name`. */
    readonly path: string;
    /** The value, the expectation and what to do, in one or two sentences. */
    readonly message: string;
}

/**
 * Every fault in the arguments of one component. Pulumi shows the error without a stack trace.
 */
export class UserError extends pulumi.RunError {
    override readonly name = "UserError";
    readonly faults: readonly Fault[];

    constructor(subject: string, faults: readonly Fault[]) {
        const lines = faults.map((fault) => `  ${fault.path}: ${fault.message}`);
        const text = [`${subject}: ${headline(faults.length)}`, ...lines].join("\n");
        super(text);
        this.faults = faults;
        // Without this, the SDK puts the property and the resource that waited for it before the message.
        Object.defineProperty(this, "message", { get: () => text, set: () => undefined });
    }
}

function headline(count: number): string {
    return count === 1 ? "an argument is invalid." : `${count} arguments are invalid.`;
}
