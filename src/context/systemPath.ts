import { lstatSync, type Stats } from "node:fs";
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

/** The status of an entry, without following links; undefined when the entry does not exist. */
export function statOf(place: string | Buffer): Stats | undefined {
    try {
        return lstatSync(place);
    } catch (cause) {
        if (isSystemError(cause) && absent.has(cause.code ?? "")) return undefined;
        throw cause;
    }
}
