import { SandboxError } from "../sandbox/sandboxError";
import { ToolchainError } from "../toolchain/failure";

/** What stops a command and is no fault of ours: shown as its message alone. */
export class Problem extends Error {
    override readonly name = "Problem";
}

/** Whether an error is to be shown without its stack. */
export function isProblem(error: unknown): error is Error {
    return [Problem, SandboxError, ToolchainError].some((kind) => error instanceof kind);
}
