import { createHash } from "node:crypto";
import { posix } from "node:path";
import type { Selection } from "../context/select";
import type { ContextTree } from "../context/tree";
import type { TreeNode } from "../context/treeNode";
import { encodeText } from "../dockerfile/bytes";
import { imageMode, type Modes } from "./modes";

/**
 * A digest of a slice: its Dockerfile, the given parts, and the path, mode, and content or target
 * of each entry. Modes are those of the image, so a umask does not change the digest. Folders count
 * only if they are empty or have an unusual mode: git stores neither, so the digest of a checkout is
 * the same on every machine.
 *
 * @param parts texts that also affect the build; their order matters
 * @returns `sha256:` and 64 hexadecimal digits
 */
export function sliceDigest(
    tree: ContextTree,
    selection: Selection,
    parts: readonly string[],
    modes: Modes,
): string {
    const hash = createHash("sha256");
    for (const part of parts.map(encodeText)) {
        hash.update(`part ${part.length}\0`).update(part);
    }
    const files = [...selection.nodes].filter(({ kind }) => kind === "file");
    for (const node of [...files, ...missedByHash(tree, selection, modes)].sort(byPath)) {
        hash.update(encodeText(`${digestMode(node, modes)} ${node.path}\0`));
        if (node.kind === "link") hash.update(encodeText(`${node.target}\0`));
        else if (node.kind === "file") hash.update(tree.digests.digestOf(node));
    }
    return `sha256:${hash.digest("hex")}`;
}

/** The selected entries without folders, ordered by path. */
export function filesOf(selection: Selection): TreeNode[] {
    return [...selection.nodes].filter(({ kind }) => kind !== "directory").sort(byPath);
}

/**
 * The entries whose changes docker-build 0.0.22 misses: it hashes no folders, and of links at most
 * the content of the file behind them (context.go, hashFile).
 */
export function missedByHash(
    tree: ContextTree,
    selection: Selection,
    modes: Modes,
): readonly TreeNode[] {
    const above = foldersAbove(tree, selection);
    return [
        ...[...selection.nodes].filter(
            (node) => node.kind !== "file" && node.path !== "" && !above.has(node),
        ),
        ...[...above].filter((node) => imageMode(node, modes) !== 0o755),
    ];
}

/** The folders on the way to selected entries, without the context's root. */
export function foldersAbove({ root }: ContextTree, { nodes }: Selection): Set<TreeNode> {
    const folders = new Set<TreeNode>();
    const known = new Set(["", "."]);
    for (const { path } of nodes) {
        for (let above = posix.dirname(path); !known.has(above); above = posix.dirname(above)) {
            known.add(above);
            const node = above
                .split("/")
                .reduce<TreeNode | undefined>((folder, name) => folder?.children.get(name), root);
            if (node !== undefined) folders.add(node);
        }
    }
    return folders;
}

const byPath = (a: TreeNode, b: TreeNode) => (a.path < b.path ? -1 : 1);

/** Type and mode in git's notation. */
function digestMode(node: TreeNode, modes: Modes): string {
    if (node.kind === "link") return "120000";
    if (node.kind === "other") return "000000";
    const type = node.kind === "directory" ? 0o40000 : 0o100000;
    return (type | imageMode(node, modes)).toString(8);
}
