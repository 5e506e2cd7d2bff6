import * as pulumi from "@pulumi/pulumi";

/** One argument that cannot be used. */
export interface Fault {
    /** Path of the argument: `builderStages[0]`, `project.name`. */
    readonly path: string;
    /** The value, what was expected instead and what to do, in one or two sentences. */
    readonly message: string;
}

/**
 * A mistake in the program that uses these components: shown without a stack, every fault of one
 * component at once.
 */
export class UserError extends pulumi.RunError {
    override readonly name = "UserError";
    readonly faults: readonly Fault[];

    constructor(subject: string, faults: readonly Fault[]) {
        const lines = faults.map((fault) => `  ${fault.path}: ${fault.message}`);
        const text = [`${subject}: ${headline(faults.length)}`, ...lines].join("\n");
        super(text);
        this.faults = faults;
        // The SDK writes before it which property of which resource waited for what was not to be had.
        Object.defineProperty(this, "message", { get: () => text, set: () => undefined });
    }
}

function headline(count: number): string {
    return count === 1
        ? "an argument cannot be used as it is."
        : `${count} arguments cannot be used as they are.`;
}
