import { statfs } from "node:fs/promises";

/** Why the toolchain cannot provide a piece. Users see only the message. */
export class ToolchainError extends Error {
    override readonly name = "ToolchainError";
    /** Marks an expected fault, which is shown without its stack. */
    readonly expected = true;
}

/** A command that failed, with the end of its output. */
export class CommandFailed extends Error {
    override readonly name = "CommandFailed";
    /** The command line. */
    readonly command: string;
    /** The last lines of the output. */
    readonly output: string;

    constructor(command: string, outcome: string, output: string) {
        super(`${command}: ${outcome}`);
        this.command = command;
        this.output = output;
    }
}

/** What a failed step was doing, for the error message. */
export interface FailedStep {
    /** Name and version of the piece. */
    readonly piece: string;
    /** Folder of the cache. */
    readonly cacheFolder: string;
    /** File with the whole output; undefined when no command ran. */
    readonly log: string | undefined;
    /** Further folders that the step writes to, by name; they may be on other file systems. */
    readonly folders: Readonly<Record<string, string>>;
    /** Where the downloads come from, with the setting that names the place. */
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
            "the machine ran out of memory. The compiler needs about 3 GB of free memory: end other " +
            "programs or add swap, then run the same command again. Compiled packages are kept",
    },
    {
        pattern: /checksum mismatch|SECURITY ERROR|EINTEGRITY|Hash Sum mismatch/i,
        explain: () =>
            "the download differs from the pinned checksum. A proxy in between may have changed it: " +
            "check GOPROXY and GOFLAGS, clear the download cache (go clean -modcache), run again",
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
        pattern: /ENOTDIR|EEXIST/,
        explain: ({ cacheFolder }) =>
            `${cacheFolder} or a folder above it is a file. Point HARBOR_BUILD_CACHE at a folder`,
    },
    {
        // Such as below /proc.
        pattern: /ENOENT: no such file or directory, mkdir/,
        explain: ({ cacheFolder }) =>
            `no folder can be created at ${cacheFolder}. Point HARBOR_BUILD_CACHE at a folder on a disk`,
    },
    {
        pattern:
            /no such host|could not resolve|connection refused|connection reset|i\/o timeout|network is unreachable|TLS handshake|ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|unable to connect|x509:|proxyconnect|Temporary failure resolving|module lookup disabled/i,
        explain: (step) =>
            `its downloads from ${step.origin} failed. ` +
            "Check the network and any proxy settings (HTTPS_PROXY, GOPROXY), then run again",
    },
];

/** Turns the error of a step into a message that names the step, the reason and what to do. */
export async function explainFailure(error: unknown, step: FailedStep): Promise<ToolchainError> {
    if (error instanceof ToolchainError) {
        return error;
    }
    const output = error instanceof CommandFailed ? error.output : "";
    const message = error instanceof Error ? error.message : String(error);
    const symptom = symptoms.find(({ pattern }) => pattern.test(`${message}\n${output}`));
    const reason = symptom === undefined ? message : await symptom.explain(step);
    const lines = [`${step.piece} could not be built: ${reason}.`];
    if (output.trim() !== "") {
        lines.push(...lastLines(output, 6).map((line) => `    ${line}`));
    }
    if (step.log !== undefined) {
        lines.push(`The whole output is in ${step.log}`);
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
        `the disk is full. The build writes to ${places.join(", ")} and needs about 8 GB in all. ` +
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
