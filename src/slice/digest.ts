import { createHash } from "node:crypto";
import type { Selection } from "../context/select";
import type { ContextTree } from "../context/tree";
import type { TreeNode } from "../context/treeNode";
import { encodeText } from "../dockerfile/bytes";

/**
 * A digest of a slice: its Dockerfile, the given parts, and the path, content and mode of each
 * file. Modes are git's: only whether the owner may execute a file, so that a umask or a checkout
 * on another machine does not change the digest. Directories do not count, because git does not
 * store them.
 *
 * @param parts texts that also affect the build; their order matters
 * @returns `sha256:` and 64 hexadecimal digits
 */
export function sliceDigest(
    tree: ContextTree,
    selection: Selection,
    parts: readonly string[],
): string {
    const hash = createHash("sha256");
    for (const part of parts.map(encodeText)) {
        hash.update(`part ${part.length}\0`).update(part);
    }
    for (const node of filesOf(selection)) {
        hash.update(encodeText(`${gitMode(node)} ${node.path}\0`));
        if (node.kind === "link") hash.update(encodeText(`${node.target}\0`));
        else if (node.kind === "file") hash.update(tree.digests.digestOf(node));
    }
    return `sha256:${hash.digest("hex")}`;
}

/** The selected entries without directories, ordered by path. */
export function filesOf(selection: Selection): TreeNode[] {
    return [...selection.nodes]
        .filter(({ kind }) => kind !== "directory")
        .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** A node's mode as git stores it. */
export function gitMode(node: TreeNode): "100644" | "100755" | "120000" | "000000" {
    if (node.kind === "link") return "120000";
    if (node.kind !== "file") return "000000";
    return (node.mode & 0o100) === 0 ? "100644" : "100755";
}
