import { compilePattern, type PathTest } from "../context/pattern";
import type { Selection } from "../context/select";
import type { ContextTree } from "../context/tree";
import type { TreeNode } from "../context/treeNode";
import { trimSpace, trimSpaceStart } from "../dockerfile/words";

/**
 * An exception (`!…`) that matches nothing. The linter of BuildKit's frontend does not check
 * sources if a pattern has an exception.
 */
const takesBackNothing = "!..";

/**
 * A dockerignore file that includes exactly a selection of the context. The first line excludes
 * everything; then, from the root down, lines include and exclude paths, so that a whole directory
 * needs one line. What the user's ignore file excludes stays excluded.
 */
export function allowList(tree: ContextTree, { nodes }: Selection): string {
    const lines = ["**"];
    writeBelow(tree.root, { isOpen: false, nodes, holding: directoriesOf(nodes) }, lines);
    if (!lines.some((line) => line.startsWith("!"))) lines.push(takesBackNothing);
    return `${lines.join("\n")}\n`;
}

interface Writing {
    /** Whether the lines so far include a directory's entries. */
    readonly isOpen: boolean;
    readonly nodes: ReadonlySet<TreeNode>;
    /** Paths of the directories that contain selected entries. */
    readonly holding: ReadonlySet<string>;
}

function writeBelow(directory: TreeNode, writing: Writing, lines: string[]): void {
    const { isOpen, nodes, holding } = writing;
    // A pattern for a name that cannot be written literally also matches other names.
    const blurred: PathTest[] = [];
    for (const node of inWritingOrder(directory, nodes)) {
        const isSelected = nodes.has(node);
        if (isSelected !== isOpen || blurred.some((matches) => matches(node.path))) {
            const line = escapePath(node.path, { negated: isSelected });
            lines.push(`${isSelected ? "!" : ""}${line}`);
            if (isBlurred(node.path)) blurred.push(testOf(line));
        }
        const isWorthEntering = isSelected ? node.kind === "directory" : holding.has(node.path);
        if (!isWorthEntering) continue;
        const shut = isSelected && mostAreShut(node, nodes);
        if (shut) lines.push(`${escapePath(node.path, { negated: false })}/**`);
        writeBelow(node, { ...writing, isOpen: isSelected && !shut }, lines);
    }
}

/** Whether excluding a directory's entries and including some again needs fewer lines. */
function mostAreShut({ children }: TreeNode, nodes: ReadonlySet<TreeNode>): boolean {
    const selected = [...children.values()].filter((child) => nodes.has(child)).length;
    return children.size > 2 * selected;
}

/**
 * Later lines win: names that cannot be written literally come first, excluded ones before included
 * ones.
 */
function inWritingOrder({ children }: TreeNode, nodes: ReadonlySet<TreeNode>): TreeNode[] {
    const all = [...children.values()];
    const blurred = all.filter(({ path }) => isBlurred(path));
    if (blurred.length === 0) return all;
    return [
        ...blurred.filter((node) => !nodes.has(node)),
        ...blurred.filter((node) => nodes.has(node)),
        ...all.filter((node) => !blurred.includes(node)),
    ];
}

function directoriesOf(nodes: ReadonlySet<TreeNode>): ReadonlySet<string> {
    const directories = new Set<string>();
    for (const { path } of nodes) {
        for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
            const directory = path.slice(0, end);
            if (directories.has(directory)) break;
            directories.add(directory);
        }
    }
    return directories;
}

/** Escapes a path so that a dockerignore file matches it literally, or at least matches it. */
export function escapePath(path: string, line: { negated: boolean }): string {
    const text = blur(path.replace(/[\\*?[\]^]/g, "\\$&"));
    return !line.negated && /^[#!]/.test(text) ? `\\${text}` : text;
}

function isBlurred(path: string): boolean {
    // Most names have only these characters, which is a quick test.
    return !/^[!-~]*$/.test(path) && blur(path) !== path;
}

/** A path with `?` where a line of the file cannot hold its character. */
function blur(path: string): string {
    // A lone surrogate is a byte that is not valid UTF-8. Go drops a leading byte order mark. BuildKit
    // sends the lines in a header of gRPC, which refuses control characters.
    const text = path.replace(/[\p{Cc}\p{Surrogate}]|^\ufeff/gu, "?");
    return trimSpace(text).padEnd(trimSpaceStart(text).length, "?").padStart(text.length, "?");
}

function testOf(line: string): PathTest {
    const test = compilePattern(line);
    return typeof test === "string" ? () => true : test;
}
