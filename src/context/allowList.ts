import type { Selection } from "./select";
import type { ContextTree, TreeNode } from "./tree";

/**
 * A dockerignore file that lets through exactly what a selection holds and nothing else of the
 * context. Everything is shut out first; then, from the root down, a line opens or shuts a path
 * whenever it differs from what the line above it says, so that whole directories take one line.
 * Paths are written out, without wildcards: what the user's own ignore file keeps out stays out.
 */
export function allowList(tree: ContextTree, selection: Selection): string {
    const lines = ["**"];
    writeBelow(tree.root, { open: false }, selection.nodes, lines);
    return `${lines.join("\n")}\n`;
}

function writeBelow(
    directory: TreeNode,
    above: { open: boolean },
    nodes: ReadonlySet<TreeNode>,
    lines: string[],
): void {
    for (const node of directory.children.values()) {
        const open = nodes.has(node);
        if (open !== above.open) {
            lines.push(`${open ? "!" : ""}${escapePath(node.path, { negated: open })}`);
        }
        writeBelow(node, { open }, nodes, lines);
    }
}

/** Writes a path so that it stands for itself in a dockerignore file. */
export function escapePath(path: string, line: { negated: boolean }): string {
    let text = path.replace(/[\\*?[\]^]/g, "\\$&").replace(/[\n\r]/g, "?");
    // Blanks at the ends would be trimmed off.
    text = text.replace(/^\s+|\s+$/g, (blanks) => "?".repeat(blanks.length));
    // A name that is not UTF-8 reaches us with its bytes replaced.
    text = text.replace(/\ufffd+/g, "*");
    return !line.negated && /^[#!]/.test(text) ? `\\${text}` : text;
}
