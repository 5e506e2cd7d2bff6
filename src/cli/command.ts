import { execFile } from "node:child_process";

/** Time limit of a program that a check runs, in milliseconds. */
const timeoutMs = 20_000;
/** Largest output of one, such as the state of a stack, in bytes. */
const maxBuffer = 64 * 1024 * 1024;

/** How a program ended; undefined when it is not installed. */
export interface Ended {
    readonly isGood: boolean;
    readonly stdout: string;
    readonly stderr: string;
}

/** Runs a program of the PATH, and never fails. */
export function runProgram(
    program: string,
    args: readonly string[],
    { cwd, env }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<Ended | undefined> {
    return new Promise((resolve) => {
        execFile(
            program,
            args,
            { cwd, env, timeout: timeoutMs, maxBuffer },
            (error, stdout, stderr) => {
                const isMissing = error !== null && "code" in error && error.code === "ENOENT";
                resolve(isMissing ? undefined : { isGood: error === null, stdout, stderr });
            },
        );
    });
}
