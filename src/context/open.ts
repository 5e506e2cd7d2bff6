import { readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { DockerfileError } from "../dockerfile/failure";
import { type Dockerfile, parseDockerfile } from "../dockerfile/parse";
import { type IgnoreFile, readIgnoreFile } from "./ignoreFile";
import { type ContextTree, HugeContextError, readTree, type TreeOptions } from "./tree";

/** One thing that is wrong with a build's files, and which of them it is about. */
export interface ContextFailure {
    readonly subject: "context" | "dockerfile" | "ignoreFile";
    /** Name of the file or folder it is about. */
    readonly path: string;
    /** Line in that file, counted from 1. */
    readonly line?: number;
    readonly reason: string;
}

/** Everything that is wrong with a build's files. */
export class ContextError extends Error {
    override readonly name = "ContextError" as const;
    readonly failures: readonly ContextFailure[];

    constructor(failures: readonly ContextFailure[]) {
        super(failures.map(describeContextFailure).join("\n"));
        this.failures = failures;
    }
}

/** `Dockerfile line 3: …` */
export function describeContextFailure({ path, line, reason }: ContextFailure): string {
    return line === undefined ? `${path}: ${reason}` : `${path} line ${line}: ${reason}`;
}

/** A build's files, read. */
export interface OpenedContext {
    readonly dockerfile: Dockerfile;
    readonly tree: ContextTree;
}

/**
 * Reads the Dockerfile, the ignore file that counts (`<Dockerfile>.dockerignore`, else
 * `.dockerignore` in the context) and the list of the context's entries.
 *
 * @param location the context's folder
 * @param dockerfilePath @default `Dockerfile` in the context
 * @param options of the list; `fallback` says why a Dockerfile that cannot be read through is taken as it is
 * @throws ContextError carrying all that is wrong with any of them
 */
export function openContext(
    location: string,
    dockerfilePath: string = join(location, "Dockerfile"),
    options: TreeOptions & { readonly fallback?: string | undefined } = {},
): OpenedContext {
    const failures: ContextFailure[] = [];
    const dockerfile = openDockerfile(dockerfilePath, options.fallback, failures);
    const tree = openTree(location, dockerfilePath, failures, options);
    if (dockerfile === undefined || tree === undefined || failures.length > 0) {
        throw new ContextError(failures);
    }
    return { dockerfile, tree };
}

/** Reads a folder that is a context by itself, as a named context is. @throws ContextError */
export function openFolder(location: string, options: TreeOptions = {}): ContextTree {
    const failures: ContextFailure[] = [];
    const tree = openTree(location, undefined, failures, options);
    if (tree === undefined || failures.length > 0) throw new ContextError(failures);
    return tree;
}

function openDockerfile(
    path: string,
    fallback: string | undefined,
    failures: ContextFailure[],
): Dockerfile | undefined {
    const fail = (reason: string, line?: number) => {
        failures.push({ subject: "dockerfile", path, line, reason });
        return undefined;
    };
    const text = readText(path);
    if (text instanceof Error) return fail(unreadable(text, "a Dockerfile"));
    if (text === undefined) return fail("there is no such file");
    try {
        return parseDockerfile(text, fallback);
    } catch (cause) {
        if (!(cause instanceof DockerfileError)) throw cause;
        for (const { reason, line } of cause.failures) fail(reason, line);
        return undefined;
    }
}

function openTree(
    location: string,
    dockerfilePath: string | undefined,
    failures: ContextFailure[],
    options: TreeOptions,
): ContextTree | undefined {
    const fail = (reason: string) => {
        failures.push({ subject: "context", path: location, reason });
        return undefined;
    };
    try {
        const folder = statSync(location, { throwIfNoEntry: false });
        if (folder === undefined) return fail("there is no such folder");
        if (!folder.isDirectory()) return fail("this is a file; a build context is a folder");
        return readTree(location, openIgnoreFile(location, dockerfilePath, failures), options);
    } catch (cause) {
        if (cause instanceof HugeContextError) return fail(cause.message);
        if (isSystemError(cause)) return fail(unreadable(cause, "a build context"));
        throw cause;
    }
}

function openIgnoreFile(
    location: string,
    dockerfilePath: string | undefined,
    failures: ContextFailure[],
): IgnoreFile | undefined {
    const own = dockerfilePath === undefined ? [] : [`${dockerfilePath}.dockerignore`];
    for (const path of [...own, join(location, ".dockerignore")]) {
        const text = readText(path);
        if (text === undefined) continue;
        if (text instanceof Error) {
            const reason = unreadable(text, "an ignore file");
            failures.push({ subject: "ignoreFile", path, reason });
            return undefined;
        }
        const read = readIgnoreFile(basename(path), text);
        for (const { line, reason } of read.failures) {
            failures.push({ subject: "ignoreFile", path, line, reason });
        }
        return read.file;
    }
    return undefined;
}

/** A file's text; undefined when there is none, the system's error when it cannot be read. */
function readText(path: string): string | undefined | NodeJS.ErrnoException {
    try {
        return readFileSync(path, "utf8");
    } catch (cause) {
        if (!isSystemError(cause)) throw cause;
        return cause.code === "ENOENT" || cause.code === "ENOTDIR" ? undefined : cause;
    }
}

function isSystemError(cause: unknown): cause is NodeJS.ErrnoException {
    return cause instanceof Error && "code" in cause && typeof cause.code === "string";
}

function unreadable(error: NodeJS.ErrnoException, expected: string): string {
    switch (error.code) {
        case "EISDIR":
            return `this is a folder; expected ${expected}`;
        case "EACCES":
        case "EPERM":
            return `${error.path ?? "it"} cannot be read: permission denied`;
        default:
            return `${error.path ?? "it"} cannot be read: ${error.code}`;
    }
}
