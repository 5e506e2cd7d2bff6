import { encodeText, replaceStrayBytes } from "../dockerfile/bytes";
import { cleanPath, hasWildcards } from "../dockerfile/paths";
import { compileGlob } from "./glob";
import { PatternMatcher } from "./matcher";
import type { ContextTree } from "./tree";
import type { TreeNode } from "./treeNode";

/**
 * What a client sends to BuildKit of a context: of what the ignore file leaves, the paths that the
 * instructions name, with the links on the way resolved, taken as dockerignore-style patterns. An
 * instruction sees what others ask for, too: a folder is there when anything in it is sent.
 */
export class Transfer {
    /** Undefined when all is sent. */
    private readonly included: PatternMatcher | undefined;

    /** @param asked paths that instructions ask for, cleaned; empty for all of the context */
    constructor(tree: ContextTree, asked: readonly string[]) {
        const patterns = asked.includes("") ? undefined : new LinkResolver(tree).resolve(asked);
        this.included = patterns === undefined ? undefined : new PatternMatcher(patterns);
    }

    /** Whether an entry is sent, for itself or for what is in it. */
    sends(node: TreeNode): boolean {
        return this.firstOf(node) !== undefined;
    }

    /** The first entry, of a directory and what is in it, that is sent for itself. */
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

    /** Whether an entry is sent for itself, the ignore file aside. */
    includes({ path }: TreeNode): boolean {
        return path === "" || (this.included?.matchFromRoot(path).matched ?? true);
    }
}

/** Finds what paths with links in them lead to, as the client does: in what is on disk, ignored or not. */
class LinkResolver {
    private readonly root: TreeNode;
    private readonly resolved = new Set<string>();

    constructor({ root }: ContextTree) {
        this.root = root;
    }

    /** @returns the patterns of what is sent; undefined for all */
    resolve(asked: readonly string[]): readonly string[] | undefined {
        // The order decides: of the paths through one link, BuildKit resolves the first alone.
        const sorted = [...asked].sort((a, b) => Buffer.compare(encodeText(a), encodeText(b)));
        // They go through JSON, where a byte that is no UTF-8 becomes U+FFFD.
        for (const path of sorted) this.add(replaceStrayBytes(path));
        return this.resolved.has("") ? undefined : [...this.resolved];
    }

    private add(path: string): void {
        // `..` counts before any link is followed.
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

    /** Where the links at a path lead to; its last name may hold wildcards. */
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
