import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { decodeText } from "../dockerfile/bytes";
import { DockerfileError } from "../dockerfile/failure";
import { type Dockerfile, parseDockerfile } from "../dockerfile/parse";
import { ContextError, type ContextFailure, isSystemError, unreadable } from "./failure";
import { tryRealPath } from "./gitFolder";
import { type IgnoreFile, readIgnoreFile } from "./ignoreFile";
import type { ContextTree } from "./tree";
import { ContextTrees } from "./trees";

/** Options for reading a build's files. */
export interface OpenOptions {
    /** The folder for generated files, which counts as ignored. @default none */
    readonly generated?: string;
    /** Contexts that are already read. @default none */
    readonly trees?: ContextTrees;
    /** Why a Dockerfile with faults counts as unknown. @default faults are errors */
    readonly fallback?: string | undefined;
    /** The Dockerfile's text, with a name for it in messages, instead of a file. @default none */
    readonly inline?: { readonly name: string; readonly text: string } | undefined;
}

/** A build's files, as read from disk. */
export interface OpenedContext {
    readonly dockerfile: Dockerfile;
    /** Path at which the Dockerfile was found. */
    readonly dockerfilePath: string;
    readonly tree: ContextTree;
}

/**
 * Reads the Dockerfile, the ignore file that applies (`<Dockerfile>.dockerignore`, else
 * `.dockerignore` in the context) and the list of the context's entries.
 *
 * @param location the context's folder
 * @param dockerfilePath @default `Dockerfile` in the context
 * @throws ContextError with every fault
 */
export function openContext(
    location: string,
    dockerfilePath: string = join(location, "Dockerfile"),
    options: OpenOptions = {},
): OpenedContext {
    const failures: ContextFailure[] = [];
    const { inline, fallback } = options;
    const found = inline?.name ?? findDockerfile(dockerfilePath);
    const text = inline?.text ?? readText(found);
    const isHidden = inline === undefined && leadsOut(found, location);
    const dockerfile = openDockerfile(found, text, { fallback, isHidden }, failures);
    // A text has no ignore file of its own.
    const path = inline === undefined ? dockerfilePath : undefined;
    const tree = openTree(location, path, failures, options);
    if (dockerfile === undefined || tree === undefined || failures.length > 0) {
        throw new ContextError(failures);
    }
    return { dockerfile, dockerfilePath: found, tree };
}

/** Reads a folder that is a whole context, such as a named context. @throws ContextError */
export function openFolder(location: string, options: OpenOptions = {}): ContextTree {
    const failures: ContextFailure[] = [];
    const tree = openTree(location, undefined, failures, options);
    if (tree === undefined || failures.length > 0) throw new ContextError(failures);
    return tree;
}

/** BuildKit reads `dockerfile` if `Dockerfile` does not exist; the ignore file's name stays. */
function findDockerfile(path: string): string {
    const lower = join(dirname(path), "dockerfile");
    const isLower = basename(path) === "Dockerfile" && !existsSync(path) && existsSync(lower);
    return isLower ? lower : path;
}

/**
 * Whether a link leads from a path to a file outside the context. Counts the links below the context
 * and below the program's folder; the way to these folders may have links.
 */
function leadsOut(path: string, location: string): boolean {
    const real = tryRealPath(path);
    if (real === undefined || isInside(tryRealPath(location) ?? "", real)) return false;
    const bases = [location, "."].filter((folder) => isInside(resolve(folder), resolve(path)));
    // A path to another folder comes from the program, which names no link in the context.
    const known = bases.length > 0 ? bases : [dirname(path)];
    return known.every((folder) => {
        const way = relative(resolve(folder), resolve(path));
        return real !== join(tryRealPath(folder) ?? "", way);
    });
}

function isInside(folder: string, path: string): boolean {
    const way = relative(folder, path);
    return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/**
 * What replaces a fault that quotes a file. Such a link may lead to any file that the user of the run
 * can read, and messages may be public.
 */
const hidden =
    "invalid. A link on its path leads to a file outside the context, so its text is not shown";

function openDockerfile(
    path: string,
    text: ReturnType<typeof readText>,
    { fallback, isHidden }: { readonly fallback: string | undefined; readonly isHidden: boolean },
    failures: ContextFailure[],
): Dockerfile | undefined {
    const fail = (reason: string, line?: number) => {
        failures.push({ subject: "dockerfile", path, line, reason });
        return undefined;
    };
    if (text instanceof Error) return fail(unreadable(text, "a Dockerfile"));
    if (text === undefined) return fail("the file does not exist");
    try {
        return parseDockerfile(text, fallback);
    } catch (cause) {
        if (!(cause instanceof DockerfileError)) throw cause;
        for (const { reason, line } of cause.failures) fail(isHidden ? hidden : reason, line);
        return undefined;
    }
}

function openTree(
    location: string,
    dockerfilePath: string | undefined,
    failures: ContextFailure[],
    { trees = new ContextTrees(), generated }: OpenOptions,
): ContextTree | undefined {
    const fail = (reason: string) => {
        failures.push({ subject: "context", path: location, reason });
        return undefined;
    };
    try {
        const folder = statSync(location, { throwIfNoEntry: false });
        if (folder === undefined) return fail("the folder does not exist");
        if (!folder.isDirectory())
            return fail("this is a file; expected the folder of a build context");
        const ignoreFile = openIgnoreFile(location, dockerfilePath, failures);
        return trees.read(location, ignoreFile, { generated });
    } catch (cause) {
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
        const isHidden = read.failures.length > 0 && leadsOut(path, location);
        for (const { line, reason } of read.failures) {
            failures.push({
                subject: "ignoreFile",
                path,
                line,
                reason: isHidden ? hidden : reason,
            });
        }
        return read.file;
    }
    return undefined;
}

/** A file's text; undefined for a missing file, an error for an unreadable file. */
function readText(path: string): string | undefined | NodeJS.ErrnoException {
    try {
        const found = statSync(path);
        // Reading a pipe or a device may never end.
        if (!found.isFile() && !found.isDirectory()) return noFile();
        return decodeText(readFileSync(path));
    } catch (cause) {
        if (!isSystemError(cause)) throw cause;
        return cause.code === "ENOENT" || cause.code === "ENOTDIR" ? undefined : cause;
    }
}

const noFile = (): NodeJS.ErrnoException => Object.assign(new Error(), { code: "ESPIPE" });
