import { encodeText, replaceStrayBytes } from "../dockerfile/bytes";
import { cleanPath, hasWildcards } from "../dockerfile/paths";
import { compileGlob } from "./glob";
import { PatternMatcher } from "./matcher";
import type { ContextTree } from "./tree";
import type { TreeNode } from "./treeNode";

/**
 * Which entries of a context a client sends to BuildKit: those that the ignore file leaves and that
 * match the paths in the instructions. The client resolves links in these paths and then reads the
 * paths as dockerignore-style patterns. An instruction also sees entries that other instructions
 * request: a folder exists as soon as anything in it is sent.
 */
export class Transfer {
    /** Undefined when the client sends everything. */
    private readonly included: PatternMatcher | undefined;

    /** @param asked cleaned paths that instructions request; empty for the whole context */
    constructor(tree: ContextTree, asked: readonly string[]) {
        const patterns = asked.includes("") ? undefined : new LinkResolver(tree).resolve(asked);
        this.included = patterns === undefined ? undefined : new PatternMatcher(patterns);
    }

    /** Whether the client sends an entry, for itself or for its contents. */
    sends(node: TreeNode): boolean {
        return this.firstOf(node) !== undefined;
    }

    /** The first entry of a subtree that the client sends for itself. */
    firstOf(node: TreeNode): TreeNode | undefined {
        const isIncluded = this.includes(node);
        if (isIncluded && !node.ignored) return node;
        if (!isIncluded && !this.included?.mayMatchBelow(node.path)) return undefined;
        for (const child of node.children.values()) {
            const first = this.firstOf(child);
            if (first !== undefined) return first;
        }
        return undefined;
    }

    /** Whether the client sends an entry for itself, regardless of the ignore file. */
    includes({ path }: TreeNode): boolean {
        return path === "" || (this.included?.matchFromRoot(path).matched ?? true);
    }
}

/** Resolves paths with links as the client does: on disk, including ignored entries. */
class LinkResolver {
    private readonly root: TreeNode;
    private readonly resolved = new Set<string>();

    constructor({ root }: ContextTree) {
        this.root = root;
    }

    /** @returns the patterns for the entries to send; undefined for everything */
    resolve(asked: readonly string[]): readonly string[] | undefined {
        // The order matters: BuildKit resolves only the first of several paths through one link.
        const sorted = [...asked].sort((a, b) => Buffer.compare(encodeText(a), encodeText(b)));
        // The patterns travel as JSON, where a byte that is not valid UTF-8 becomes U+FFFD.
        for (const path of sorted) this.add(replaceStrayBytes(path));
        return this.resolved.has("") ? undefined : [...this.resolved];
    }

    private add(path: string): void {
        // `..` applies before links are followed.
        const parts = cleanPath(path).split("/");
        for (const end of parts.keys()) {
            const current = parts.slice(0, end + 1).join("/");
            const targets = this.targetsOf(current);
            if (targets.length === 0) continue;
            if (this.resolved.has(current)) return;
            this.resolved.add(current);
            const below = parts.slice(end + 1);
            for (const target of targets) this.add([target, ...below].join("/"));
            return;
        }
        this.resolved.add(parts.join("/"));
    }

    /** The targets of the links at a path; the last name may have wildcards. */
    private targetsOf(path: string): string[] {
        const slash = path.lastIndexOf("/");
        const directory = this.find(path.slice(0, Math.max(slash, 0)));
        const name = path.slice(slash + 1);
        if (directory === undefined) return [];
        const matches = hasWildcards(name) ? compileGlob(name) : (other: string) => other === name;
        return [...directory.children].flatMap(([other, { kind, target = "" }]) => {
            if (kind !== "link" || matches?.(other) !== true) return [];
            return target.startsWith("/") ? target : `${directory.path}/${target}`;
        });
    }

    private find(path: string): TreeNode | undefined {
        let node: TreeNode | undefined = this.root;
        for (const part of path.split("/")) if (part !== "") node = node?.children.get(part);
        return node;
    }
}
