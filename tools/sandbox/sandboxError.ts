/** A fault of the sandbox that the user can fix; the message explains how. */
export class SandboxError extends Error {
    constructor(message: string, options?: ErrorOptions) {
        super(message, options);
        this.name = "SandboxError";
    }
}
