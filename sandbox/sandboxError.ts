/** Something about the sandbox that a person can mend; the message says how. */
export class SandboxError extends Error {
    constructor(message: string, options?: ErrorOptions) {
        super(message, options);
        this.name = "SandboxError";
    }
}
