import { chmodSync, lstatSync, mkdirSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import type { Fault } from "../arguments/userError";
import { isSystemError } from "../context/failure";

/** What is in the place of a folder for generated files. */
export interface FoundEntry {
    readonly path: string;
    readonly kind: "folder" | "link" | "file";
    /** The user who owns the entry. */
    readonly owner: number;
    /** Target of a link. */
    readonly target?: string;
}

/**
 * The users whose folders a run trusts; undefined on Windows. Root can use the folder of the program's
 * owner, and other users cannot: the folder is closed to them.
 */
export interface TrustedUsers {
    /** The user of this process. */
    readonly own: number;
    /** The owner of the program's folder, who can change the program itself. */
    readonly program: number;
}

/**
 * Makes a folder for generated files below the program's folder, with the folders above it. Only
 * the user of the run can read the first one, which has copies of files. The files of a run would
 * otherwise end up where a link leads, or another user could replace them during a build.
 *
 * @param folder relative to the program's folder, with slashes
 * @returns why the folder cannot be used; undefined if it can
 */
export function makeOwnFolder(folder: string): Fault | undefined {
    const parts = folder.split("/");
    const users = trustedUsers();
    for (const depth of parts.keys()) {
        const path = posix.join(...parts.slice(0, depth + 1));
        let entry: FoundEntry;
        try {
            unlessExists(() => mkdirSync(path, { mode: 0o700 }));
            entry = readEntry(path);
        } catch (cause) {
            return { path, message: notWritable("created", cause) };
        }
        const fault = entryFault(entry, users);
        if (fault !== undefined) return fault;
        if (depth > 0) continue;
        try {
            protect(path);
        } catch (cause) {
            const isOther = users !== undefined && entry.owner !== users.own;
            const message = isOther
                ? otherOwner(entry, users)
                : notWritable("closed to other users", cause);
            return { path, message };
        }
    }
    return undefined;
}

/** Why an entry cannot be a folder for generated files. */
export function entryFault(
    { path, kind, owner, target }: FoundEntry,
    users: TrustedUsers | undefined,
): Fault | undefined {
    if (kind !== "folder") {
        const found = kind === "link" ? `a link to "${target}"` : "a file";
        const message =
            `this is ${found}; expected a folder that only harbor-build writes, because the ` +
            `component replaces and deletes files in it. Delete the ${kind}`;
        return { path, message };
    }
    if (users === undefined || owner === users.own || owner === users.program) return undefined;
    return { path, message: otherOwner({ path, owner }, users) };
}

function otherOwner({ path, owner }: Omit<FoundEntry, "kind">, { own }: TrustedUsers): string {
    return (
        `this folder belongs to the user with id ${owner}; expected ${own}, the user of ` +
        "this run, because another owner can replace files during a build. Delete the folder, " +
        `or run "chown -R ${own} ${path}"`
    );
}

function notWritable(use: string, cause: unknown): string {
    if (!isSystemError(cause)) throw cause;
    return (
        fullDisk(cause) ??
        `cannot be ${use} (${cause.code}); expected a folder that the user of this run can write. ` +
            "Delete the folder above it, or change the owner of that folder"
    );
}

/** Describes the error of a file that has no room; undefined for any other error. */
export function fullDisk(cause: unknown): string | undefined {
    return isSystemError(cause) && /^(?:ENOSPC|EDQUOT)$/.test(cause.code ?? "")
        ? `the disk is full (${cause.code}). Expected room for the files from which the image is built. Fix: free space on the disk of the program's folder`
        : undefined;
}

function unlessExists(make: () => void): void {
    try {
        make();
    } catch (cause) {
        if (!isSystemError(cause) || cause.code !== "EEXIST") throw cause;
    }
}

function readEntry(path: string): FoundEntry {
    const stat = lstatSync(path);
    const owner = stat.uid;
    if (stat.isSymbolicLink()) return { path, kind: "link", owner, target: readlinkSync(path) };
    return { path, kind: stat.isDirectory() ? "folder" : "file", owner };
}

function trustedUsers(): TrustedUsers | undefined {
    const own = process.geteuid?.();
    return own === undefined ? undefined : { own, program: statSync(".").uid };
}

/** Closes a folder to other users and to git. */
function protect(path: string): void {
    if ((lstatSync(path).mode & 0o077) !== 0) chmodSync(path, 0o700);
    const ignoreFile = join(path, ".gitignore");
    if (lstatSync(ignoreFile, { throwIfNoEntry: false }) === undefined) {
        // Another run may have made the file in the meantime.
        unlessExists(() => writeFileSync(ignoreFile, "*\n", { flag: "wx" }));
    }
}
