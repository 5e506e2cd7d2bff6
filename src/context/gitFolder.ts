import { existsSync, lstatSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/**
 * The folder whose files git would take for a repository, if git started in `folder`: the folder
 * itself or one above it, up to the nearest that has `.git`. Anybody can commit such files, but not a
 * `.git`, and git runs the commands that their `config` names.
 */
export function findPlantedRepository(folder: string): string | undefined {
    const place = tryRealPath(folder);
    return place === undefined ? undefined : plantedFrom(place);
}

function plantedFrom(folder: string): string | undefined {
    if (existsSync(join(folder, ".git"))) return undefined;
    if (isGitFolder(folder)) return folder;
    const above = dirname(folder);
    return above === folder ? undefined : plantedFrom(above);
}

/** `is_git_directory` of git's setup.c, without its look into HEAD. */
function isGitFolder(folder: string): boolean {
    const place = (name: string) => join(folder, name);
    // HEAD may be a link to a branch that has no file, and git looks for commondir without following links.
    return (
        isEntry(place("HEAD")) &&
        (isEntry(place("commondir")) || (existsSync(place("objects")) && existsSync(place("refs"))))
    );
}

/** Whether there is a file, a folder or a link, whatever the link leads to. */
function isEntry(path: string): boolean {
    try {
        lstatSync(path);
        return true;
    } catch {
        return false;
    }
}

/** A path without links; undefined if it leads nowhere. */
export function tryRealPath(path: string): string | undefined {
    try {
        return realpathSync(resolve(path));
    } catch {
        return undefined;
    }
}
