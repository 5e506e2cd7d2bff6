import { type ChildProcess, spawn } from "node:child_process";
import { constants, createWriteStream } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";
import { CommandFailed } from "./failure";

/** How a command is run. */
export interface CommandOptions {
    readonly cwd?: string;
    /** The whole environment. @default the environment of this process */
    readonly env?: NodeJS.ProcessEnv;
    /** Ends the command when the signal aborts. */
    readonly signal?: AbortSignal;
    /** File that the output is appended to. */
    readonly log?: string;
    /** Time allowed, in milliseconds. @default no limit */
    readonly timeoutMs?: number;
}

/** Output kept for error messages, in characters. */
const tailMax = 8_000;
/** Time between SIGINT and SIGKILL, in milliseconds, for the command to clean up. */
const killDelayMs = 5_000;

/**
 * Runs a command to its end and returns its standard output.
 *
 * @throws CommandFailed when the command cannot start, exits with a code other than 0, or ends by a
 * signal or by `timeoutMs`.
 */
export async function runCommand(
    file: string,
    args: readonly string[],
    options: CommandOptions = {},
): Promise<string> {
    const shown = [file, ...args].join(" ");
    const child = spawn(file, args, {
        cwd: options.cwd,
        env: options.env,
        stdio: ["ignore", "pipe", "pipe"],
    });
    const log = options.log === undefined ? undefined : openLog(options.log, shown);
    let tail = "";
    const stdout: Buffer[] = [];
    const collect = (chunk: Buffer) => {
        tail = (tail + chunk.toString("utf8")).slice(-tailMax);
        log?.write(chunk);
    };
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    const stopWatching = endOnAbort(child, options);
    try {
        const outcome = await ending(child);
        options.signal?.throwIfAborted();
        if (outcome !== undefined) {
            throw new CommandFailed(shown, outcome, tail);
        }
        return Buffer.concat(stdout).toString("utf8");
    } finally {
        stopWatching();
        log?.end();
    }
}

/** Ignores errors of the log: a full disk must not end this process through its log. */
function openLog(path: string, shown: string) {
    const log = createWriteStream(path, { flags: "a" });
    log.on("error", () => {});
    log.write(`$ ${shown}\n`);
    return log;
}

function ending(child: ChildProcess): Promise<string | undefined> {
    return new Promise((resolve) => {
        child.on("error", (error) => resolve(error.message));
        child.on("close", (code, signal) => {
            if (code === 0) {
                resolve(undefined);
            } else {
                resolve(signal === null ? `exit code ${code}` : `ended by ${signal}`);
            }
        });
    });
}

function endOnAbort(child: ChildProcess, { signal, timeoutMs }: CommandOptions): () => void {
    let killing: NodeJS.Timeout | undefined;
    const end = () => {
        child.kill("SIGINT");
        killing = setTimeout(() => child.kill("SIGKILL"), killDelayMs);
    };
    signal?.addEventListener("abort", end, { once: true });
    if (signal?.aborted) {
        end();
    }
    const timer = timeoutMs === undefined ? undefined : setTimeout(end, timeoutMs);
    return () => {
        signal?.removeEventListener("abort", end);
        clearTimeout(timer);
        clearTimeout(killing);
    };
}

/** First executable of that name in PATH or in `moreFolders`; undefined when none exists. */
export async function findExecutable(
    name: string,
    moreFolders: readonly string[] = [],
): Promise<string | undefined> {
    return (await findExecutables(name, moreFolders))[0];
}

/** All executables of that name, those in PATH first. */
export async function findExecutables(
    name: string,
    moreFolders: readonly string[],
): Promise<string[]> {
    const folders = (process.env["PATH"] ?? "").split(delimiter).filter(isAbsolute);
    const paths = [...new Set([...folders, ...moreFolders])].map((folder) => join(folder, name));
    const runs = await Promise.all(paths.map(isExecutable));
    return paths.filter((_, index) => runs[index]);
}

async function isExecutable(path: string): Promise<boolean> {
    try {
        await access(path, constants.X_OK);
        return true;
    } catch {
        return false;
    }
}
