import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import type { Selection } from "./select";
import type { ContextTree, TreeNode } from "./tree";

/** What is read at once; one for all files, since making one costs more than reading a small file. */
const chunk = Buffer.allocUnsafe(1 << 20);

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
        else if (node.kind === "file") hash.update(contentOf(tree, node));
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

/** Contents of files that more than one slice of a tree holds are read once. */
const contents = new WeakMap<TreeNode, Buffer>();

function contentOf(tree: ContextTree, node: TreeNode): Buffer {
    const known = contents.get(node);
    if (known !== undefined) return known;
    const content = contentDigest(join(tree.location, node.path));
    contents.set(node, content);
    return content;
}

function contentDigest(path: string): Buffer {
    const hash = createHash("sha256");
    const file = openSync(path, "r");
    try {
        for (;;) {
            const length = readSync(file, chunk, 0, chunk.length, null);
            if (length === 0) return hash.digest();
            hash.update(chunk.subarray(0, length));
        }
    } finally {
        closeSync(file);
    }
}
