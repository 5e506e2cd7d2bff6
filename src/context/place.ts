import { lstatSync, type Stats } from "node:fs";
import { encodeText } from "../dockerfile/bytes";
import { isSystemError } from "./failure";

/** Errors for a missing entry: a name that does not exist, is below a file, too long, or in a cycle of links. */
const absent = new Set(["ENOENT", "ENOTDIR", "ENAMETOOLONG", "ELOOP"]);

/**
 * The path of a context's entry for the file system. A name of other bytes than ASCII goes there as
 * bytes, since it need not be UTF-8.
 *
 * @param path in the context; empty for the folder itself
 */
export function placeOf(location: string, path: string): string | Buffer {
    if (path === "") return location;
    if (!/[^\0-\x7f]/.test(path)) return `${location}/${path}`;
    return encodeText(`${location}/${path}`);
}

/** An entry without following it; undefined when there is none. */
export function statOf(place: string | Buffer): Stats | undefined {
    try {
        return lstatSync(place);
    } catch (cause) {
        if (isSystemError(cause) && absent.has(cause.code ?? "")) return undefined;
        throw cause;
    }
}
