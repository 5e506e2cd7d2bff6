import { createHash, type Hash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import type { Selection } from "./select";
import type { ContextTree, TreeNode } from "./tree";

/** Bytes read at once. */
const chunkSize = 1 << 20;

/**
 * A digest of a slice: its Dockerfile, what else is given, and the path, content and mode of each
 * file. Modes are git's: of a file only whether its owner may execute it, so that a umask or a
 * checkout on another machine does not change the digest. Directories do not count, as git does
 * not keep them.
 *
 * @param parts texts that the build also hangs on; their order matters
 * @returns `sha256:` and 64 hexadecimal digits
 */
export function sliceDigest(
    tree: ContextTree,
    selection: Selection,
    parts: readonly string[],
): string {
    const hash = createHash("sha256");
    for (const part of parts) hash.update(`part ${Buffer.byteLength(part)}\0${part}`);
    for (const node of filesOf(selection)) {
        hash.update(`${gitMode(node)} ${node.path}\0`);
        if (node.kind === "link") hash.update(`${node.target}\0`);
        else if (node.kind === "file") hash.update(contentDigest(join(tree.location, node.path)));
    }
    return `sha256:${hash.digest("hex")}`;
}

/** The selected entries that are no directories, ordered by path. */
export function filesOf(selection: Selection): TreeNode[] {
    return [...selection.nodes]
        .filter(({ kind }) => kind !== "directory")
        .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** A node's mode as git keeps it. */
export function gitMode(node: TreeNode): "100644" | "100755" | "120000" | "000000" {
    if (node.kind === "link") return "120000";
    if (node.kind !== "file") return "000000";
    return (node.mode & 0o100) === 0 ? "100644" : "100755";
}

function contentDigest(path: string): Buffer {
    const hash = createHash("sha256");
    const file = openSync(path, "r");
    try {
        readInto(hash, file);
    } finally {
        closeSync(file);
    }
    return hash.digest();
}

function readInto(hash: Hash, file: number): void {
    const chunk = Buffer.allocUnsafe(chunkSize);
    for (let length = -1; length !== 0; ) {
        length = readSync(file, chunk, 0, chunkSize, null);
        hash.update(chunk.subarray(0, length));
    }
}
