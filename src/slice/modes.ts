import type { Selection } from "../context/select";
import type { TreeNode } from "../context/treeNode";

/**
 * The mode of an entry on a machine with the usual umask (022). Git stores only whether the owner
 * may execute a file, and no mode of a directory.
 */
export function usualMode(node: TreeNode): number {
    if (node.kind === "directory") return 0o755;
    return (node.mode & 0o100) === 0 ? 0o644 : 0o755;
}

/** Whether every entry of a selection already has its usual mode; links have none. */
export function hasUsualModes(selection: Selection): boolean {
    for (const node of selection.nodes) {
        const counts = node.kind === "file" || (node.kind === "directory" && node.path !== "");
        if (counts && (node.mode & 0o7777) !== usualMode(node)) return false;
    }
    return true;
}
