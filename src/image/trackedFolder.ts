import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { PerRun } from "../engine/currentRun";

/** The folders that were reported; one warning for all components of a program is enough. */
const reportedFolders = new PerRun(() => new Set<string>());

/** A warning that git tracks files of a folder that each run changes. */
export function trackedWarning(folder: string): string | undefined {
    const reported = reportedFolders.current;
    const tracked = reported.has(resolve(folder)) ? undefined : tryTrackedBelow(folder);
    if (tracked === undefined) return undefined;
    reported.add(resolve(folder));
    return (
        `${folder}: git tracks "${tracked}"; expected a folder that git ignores, because each run ` +
        `changes it. Run "git rm -r --cached ${folder}", and commit`
    );
}

/** A tracked path; undefined if the repository cannot be read, because this is only a warning. */
function tryTrackedBelow(folder: string): string | undefined {
    try {
        return trackedBelow(folder);
    } catch {
        return undefined;
    }
}

/** The first path in a folder that the index of its repository contains. */
function trackedBelow(folder: string): string | undefined {
    const root = repositoryOf(dirname(resolve(folder)));
    if (root === undefined) return undefined;
    const index = join(gitFolder(root), "index");
    if (!existsSync(index)) return undefined;
    const entries = readFileSync(index);
    // Version 4 compresses paths.
    if (entries.length < 12 || entries.readUInt32BE(4) > 3) return undefined;
    const prefix = Buffer.from(`${relative(root, resolve(folder)).replaceAll(sep, "/")}/`);
    for (let at = entries.indexOf(prefix); at >= 0; at = entries.indexOf(prefix, at + 1)) {
        const end = entries.indexOf(0, at);
        // The lower 12 bits before a path are its length (gitformat-index).
        if ((entries.readUInt16BE(at - 2) & 0xfff) === Math.min(end - at, 0xfff)) {
            return entries.toString("utf8", at, end);
        }
    }
    return undefined;
}

function repositoryOf(folder: string): string | undefined {
    if (existsSync(join(folder, ".git"))) return folder;
    const above = dirname(folder);
    return above === folder ? undefined : repositoryOf(above);
}

/** Submodules and other worktrees have a file that names the folder. */
function gitFolder(root: string): string {
    const place = join(root, ".git");
    if (statSync(place).isDirectory()) return place;
    const [, target = ""] = /^gitdir: (.*)/m.exec(readFileSync(place, "utf8")) ?? [];
    return resolve(root, target);
}
