import { lstatSync, type Stats } from "node:fs";
import { posix, win32 } from "node:path";
import { encodeText } from "../dockerfile/bytes";
import { isSystemError } from "./failure";

/**
 * Errors for a missing entry: the name does not exist, is below a file, is too long, or is in a
 * cycle of links.
 */
const absent = new Set(["ENOENT", "ENOTDIR", "ENAMETOOLONG", "ELOOP"]);

/**
 * The path of a context's entry for the file system. A name that is not ASCII becomes bytes,
 * because names of files need not be valid UTF-8.
 *
 * @param path in the context; empty for the folder itself
 */
export function systemPath(location: string, path: string): string | Buffer {
    if (path === "") return location;
    if (!/[^\0-\x7f]/.test(path)) return `${location}/${path}`;
    return encodeText(`${location}/${path}`);
}

/** A path of the file system with slashes. BuildKit's client sends paths and targets of links so. */
export function slashed(path: string, platform: NodeJS.Platform = process.platform): string {
    return platform === "win32" ? path.replaceAll("\\", "/") : path;
}

/** A folder's path within another, both without links; undefined if the folder is not in it. */
export function pathWithin(
    outer: string,
    folder: string,
    platform: NodeJS.Platform = process.platform,
): string | undefined {
    const { isAbsolute, relative } = platform === "win32" ? win32 : posix;
    const path = relative(outer, folder);
    const isOutside = path === "" || isAbsolute(path) || /^\.\.(?:[\\/]|$)/.test(path);
    return isOutside ? undefined : slashed(path, platform);
}

/** The status of an entry, without following links; undefined when the entry does not exist. */
export function statOf(place: string | Buffer): Stats | undefined {
    try {
        return lstatSync(place);
    } catch (cause) {
        if (isSystemError(cause) && absent.has(cause.code ?? "")) return undefined;
        throw cause;
    }
}
