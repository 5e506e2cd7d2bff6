import { SandboxError } from "../sandbox/sandboxError";
import { ToolchainError } from "../toolchain/failure";

/** An expected error that stops a command; the command shows only the message. */
export class Problem extends Error {
    override readonly name = "Problem";
}

/** Whether the command shows an error without its stack. */
export function isProblem(error: unknown): error is Error {
    return [Problem, SandboxError, ToolchainError].some((kind) => error instanceof kind);
}
