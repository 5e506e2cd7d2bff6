import { type SpawnOptions, spawn } from "node:child_process";
import { constants } from "node:os";

/**
 * Runs a program to its end and returns its exit code as a shell does: 128 plus the number of the
 * signal when a signal ended the program. Forwards SIGTERM; the program decides how to end.
 */
export function runChild(
    file: string,
    args: readonly string[],
    options: SpawnOptions,
): Promise<number> {
    return new Promise((resolve, reject) => {
        const child = spawn(file, args, options);
        const forward = (signal: NodeJS.Signals) => child.kill(signal);
        const leaveToChild = () => {};
        // A terminal sends SIGINT to the whole group; a forwarded SIGINT would count as a second one.
        process.on("SIGINT", leaveToChild);
        process.on("SIGTERM", forward);
        const settle = () => {
            process.off("SIGINT", leaveToChild);
            process.off("SIGTERM", forward);
        };
        child.on("error", (error) => {
            settle();
            reject(error);
        });
        child.on("close", (code, signal) => {
            settle();
            resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
        });
    });
}

/** Runs a program and returns its output and exit code. */
export async function captureChild(
    file: string,
    args: readonly string[],
    options: SpawnOptions = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
    const child = spawn(file, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    const chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    child.stdout?.on("data", (chunk: Buffer) => chunks.stdout.push(chunk));
    child.stderr?.on("data", (chunk: Buffer) => chunks.stderr.push(chunk));
    const code = await new Promise<number>((resolve, reject) => {
        child.on("error", reject);
        child.on("close", (exitCode, signal) =>
            resolve(exitCode ?? 128 + (signal === null ? 0 : constants.signals[signal])),
        );
    });
    return {
        code,
        stdout: Buffer.concat(chunks.stdout).toString("utf8"),
        stderr: Buffer.concat(chunks.stderr).toString("utf8"),
    };
}
