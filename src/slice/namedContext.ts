import { selectAll } from "../context/select";
import type { ContextTree } from "../context/tree";
import { sliceDigest } from "./digest";
import type { Modes } from "./modes";

/**
 * A comment for each named context that is a folder, with a digest of its contents. docker-build
 * 0.0.22 hashes such folders through the ignore file of the main context, and a slice's ignore file
 * excludes all of their files. Without the comment in the Dockerfile, a change in such a folder
 * would be no diff.
 */
export function namedContextComments(
    contexts: Readonly<Record<string, ContextTree>>,
    modes: Modes,
): Readonly<Record<string, string>> {
    return Object.fromEntries(
        Object.entries(contexts).map(([name, tree]) => [
            name,
            `named context ${name} ${sliceDigest(tree, selectAll(tree), [], modes)}`,
        ]),
    );
}

/**
 * Whether buildx reads a named context as a folder on this machine, not as an image, an OCI layout,
 * a target, a URL or a Git repository (`git@host:path`, `github.com/owner/name`).
 */
export function isFolderContext(location: string): boolean {
    if (/^\.{1,2}\//.test(location)) return true;
    return !/^(?:[a-z0-9+-]+:\/\/|target:|github\.com\/|[\w-]+@[\w.-]+:)/i.test(location);
}
