import { statfs } from "node:fs/promises";

/** What keeps a piece of the toolchain from being had; its message alone is for the user. */
export class ToolchainError extends Error {
    override readonly name = "ToolchainError";
    /** Marks a fault that is no defect of ours: shown without its stack. */
    readonly expected = true;
}

/** A command that ended badly, with the last of what it printed. */
export class CommandFailed extends Error {
    override readonly name = "CommandFailed";
    /** What was run, as one would type it. */
    readonly command: string;
    /** The last lines of its output. */
    readonly output: string;

    constructor(command: string, outcome: string, output: string) {
        super(`${command}: ${outcome}`);
        this.command = command;
        this.output = output;
    }
}

/** What a failed step was doing, for its error message. */
export interface FailedStep {
    /** Piece, with version. */
    readonly piece: string;
    /** Folder of the cache that it builds in. */
    readonly cacheFolder: string;
    /** File that holds all that was printed; undefined where nothing ran. */
    readonly log: string | undefined;
    /** Folders it writes to that may be on file systems of their own, by name. */
    readonly folders: Readonly<Record<string, string>>;
    /** Where its downloads come from, in the words of who set it. */
    readonly origin: string;
}

interface Symptom {
    readonly pattern: RegExp;
    explain(step: FailedStep): Promise<string> | string;
}

const symptoms: readonly Symptom[] = [
    { pattern: /no space left on device|ENOSPC|disk quota exceeded|EDQUOT/i, explain: diskFull },
    {
        pattern: /signal: killed|cannot allocate memory|out of memory/i,
        explain: () =>
            "the machine ran out of memory. About 3 GB must be free for the compiler: end other " +
            "programs or add swap, then run the same command again; what is compiled is kept",
    },
    {
        pattern: /checksum mismatch|SECURITY ERROR|EINTEGRITY|Hash Sum mismatch/i,
        explain: () =>
            "what was downloaded is not what is pinned. A proxy in between may have changed it: " +
            "look at GOPROXY and GOFLAGS, clear the download cache (go clean -modcache), run again",
    },
    {
        pattern: /permission denied|EACCES|EROFS|read-only file system/i,
        explain: (step) =>
            "no permission to write. These folders must belong to you: " +
            Object.entries({ ...step.folders, cache: step.cacheFolder })
                .map(([name, path]) => `${name} ${path}`)
                .join(", "),
    },
    {
        pattern:
            /no such host|could not resolve|connection refused|connection reset|i\/o timeout|network is unreachable|TLS handshake|ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|unable to connect|x509:|proxyconnect|Temporary failure resolving|module lookup disabled/i,
        explain: (step) =>
            `its downloads could not be had from ${step.origin}. ` +
            "Check the network and any proxy settings (HTTPS_PROXY, GOPROXY), then run again",
    },
];

/** Turns what a step died of into an error that says what it was, where, and what to do. */
export async function explainFailure(error: unknown, step: FailedStep): Promise<ToolchainError> {
    if (error instanceof ToolchainError) {
        return error;
    }
    const output = error instanceof CommandFailed ? error.output : "";
    const message = error instanceof Error ? error.message : String(error);
    const symptom = symptoms.find(({ pattern }) => pattern.test(`${message}\n${output}`));
    const reason = symptom === undefined ? message : await symptom.explain(step);
    const lines = [`${step.piece} could not be made: ${reason}.`];
    if (output.trim() !== "") {
        lines.push(...lastLines(output, 6).map((line) => `    ${line}`));
    }
    if (step.log !== undefined) {
        lines.push(`All it printed is in ${step.log}`);
    }
    return new ToolchainError(lines.join("\n"), { cause: error });
}

async function diskFull(step: FailedStep): Promise<string> {
    const places: string[] = [];
    for (const [name, path] of Object.entries({ cache: step.cacheFolder, ...step.folders })) {
        const free = await freeGigabytes(path);
        places.push(`${name} ${path} (${free})`);
    }
    return (
        `the disk is full. It writes to ${places.join(", ")}; about 8 GB are needed in all. ` +
        "Free some space, or point HARBOR_BUILD_CACHE, GOCACHE, GOMODCACHE or GOTMPDIR at a " +
        "larger disk, then run the same command again"
    );
}

async function freeGigabytes(path: string): Promise<string> {
    try {
        const { bavail, bsize } = await statfs(path);
        return `${((bavail * bsize) / 1e9).toFixed(1)} GB free`;
    } catch {
        return "free space unknown";
    }
}

function lastLines(text: string, count: number): string[] {
    return text.trimEnd().split("\n").slice(-count);
}
