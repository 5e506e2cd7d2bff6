import { execFile } from "node:child_process";

/** Largest output of a program, such as the state of a stack, in bytes. */
const maxBuffer = 64 * 1024 * 1024;

/** Time allowed for a program, in milliseconds. */
export const programTimeoutMs = 20_000;

/** How a program ended; undefined when it is not installed. */
export interface Ended {
    readonly isGood: boolean;
    /** Whether the program did not end within its time limit. */
    readonly isLate: boolean;
    readonly stdout: string;
    readonly stderr: string;
}

/** How to run a program. */
interface ProgramOptions {
    readonly cwd: string;
    readonly env: NodeJS.ProcessEnv;
    /** Time limit, in milliseconds. @default {@link programTimeoutMs} */
    readonly timeoutMs?: number;
    /** Standard input. @default none */
    readonly input?: string;
}

/** Runs a program of the PATH, and never fails. */
export function runProgram(
    program: string,
    args: readonly string[],
    { cwd, env, timeoutMs: timeout = programTimeoutMs, input = "" }: ProgramOptions,
): Promise<Ended | undefined> {
    return new Promise((resolve) => {
        const limits = { timeout, maxBuffer };
        const child = execFile(program, args, { cwd, env, ...limits }, (error, stdout, stderr) => {
            const isMissing = error !== null && "code" in error && error.code === "ENOENT";
            // An output beyond the limit ends the program too, with a code.
            const isLate = error?.killed === true && typeof error.code !== "string";
            resolve(isMissing ? undefined : { isGood: error === null, isLate, stdout, stderr });
        });
        child.stdin?.on("error", () => undefined); // the program may end without reading
        child.stdin?.end(input);
    });
}
