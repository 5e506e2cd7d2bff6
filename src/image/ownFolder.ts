import { chmodSync, lstatSync, mkdirSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import type { Fault } from "../arguments/userError";

/** What is in the place of a folder for generated files. */
export interface FoundEntry {
    readonly path: string;
    readonly kind: "folder" | "link" | "file";
    /** The user who owns the entry. */
    readonly owner: number;
    /** Target of a link. */
    readonly target?: string;
}

/** The users whose folders a run trusts; undefined on Windows. */
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
        try {
            mkdirSync(path, { mode: 0o700 });
        } catch (cause) {
            const code: unknown = Reflect.get(Object(cause), "code");
            if (code !== "EEXIST") return { path, message: notWritable(String(code)) };
        }
        const fault = entryFault(readEntry(path), users);
        if (fault !== undefined) return fault;
        if (depth === 0) protect(path);
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
    const message =
        `this folder belongs to the user with id ${owner}; expected ${users.own}, the user of ` +
        "this run, because another owner can replace files during a build. Delete the folder, " +
        `or run "chown -R ${users.own} ${path}"`;
    return { path, message };
}

function notWritable(code: string): string {
    return (
        `cannot be created (${code}); expected a folder that the user of this run can write. ` +
        "Delete the folder above it, or change the owner of that folder"
    );
}

function readEntry(path: string): FoundEntry {
    const stat = lstatSync(path);
    const owner = stat.uid;
    if (stat.isSymbolicLink()) return { path, kind: "link", owner, target: readlinkSync(path) };
    return { path, kind: stat.isDirectory() ? "folder" : "file", owner };
}

function trustedUsers(): TrustedUsers | undefined {
    const own = process.getuid?.();
    return own === undefined ? undefined : { own, program: statSync(".").uid };
}

/** Closes a folder to other users and to git. */
function protect(path: string): void {
    if ((lstatSync(path).mode & 0o077) !== 0) chmodSync(path, 0o700);
    const ignoreFile = join(path, ".gitignore");
    if (lstatSync(ignoreFile, { throwIfNoEntry: false }) === undefined) {
        writeFileSync(ignoreFile, "*\n", { flag: "wx" });
    }
}
