import { hasWildcards } from "../dockerfile/paths";
import type { ContextRead } from "../dockerfile/stageReads";
import { matchGlob } from "./glob";
import { noParents, type ParentMatches, PatternMatcher } from "./matcher";
import type { ContextTree, TreeNode } from "./tree";

/** What a set of reads takes from a context. */
export interface Selection {
    /** Entries that are read; a directory among them is read for itself, not for all in it. */
    readonly nodes: ReadonlySet<TreeNode>;
    /** Reads with wildcards that find nothing, of which BuildKit says nothing. */
    readonly empty: readonly ContextRead[];
    /** Reads that find nothing although BuildKit requires something: those without wildcards. */
    readonly missing: readonly ContextRead[];
}

/** Everything that is not ignored: what a stage of which nothing is known may read. */
export function selectAll(tree: ContextTree): Selection {
    const nodes = new Set<TreeNode>();
    addAll(tree.root, nodes);
    return { nodes, empty: [], missing: [] };
}

/**
 * The entries of a context that reads take, found as BuildKit finds them: wildcards match within
 * a component, links on the way to a source and the source itself are followed (never out of the
 * context), links inside a copied directory are copied as links.
 */
export function select(tree: ContextTree, reads: readonly ContextRead[]): Selection {
    const nodes = new Set<TreeNode>();
    const finder = new Finder(tree.root, nodes);
    const nothing = reads.filter((read) => !finder.take(read));
    const missing = nothing.filter(isRequired);
    return { nodes, empty: nothing.filter((read) => !isRequired(read)), missing };
}

function isRequired(read: ContextRead): boolean {
    return !read.wildcards && !hasWildcards(read.include ?? "");
}

class Finder {
    private readonly root: TreeNode;
    private readonly nodes: Set<TreeNode>;

    constructor(root: TreeNode, nodes: Set<TreeNode>) {
        this.root = root;
        this.nodes = nodes;
    }

    /** Adds what a read takes; false when there is nothing to take. */
    take(read: ContextRead): boolean {
        return this.sources(read).reduce(
            (some, source) => this.addBelow(source, read) || some,
            false,
        );
    }

    private sources(read: ContextRead): TreeNode[] {
        const parts = read.path.split("/").filter((part) => part !== "");
        const first = read.wildcards ? parts.findIndex(hasWildcards) : -1;
        const plain = first < 0 ? parts : parts.slice(0, first);
        const start = this.follow(plain);
        if (first < 0 || start === undefined) return start === undefined ? [] : [start];
        return this.matches(start, "", parts.slice(first).join("/")).flatMap((node) => {
            // A link that matches is followed, as a source without wildcards would be.
            const source = node.kind === "link" ? this.follow(node.path.split("/")) : node;
            return source ?? [];
        });
    }

    /** What matches below a directory; what is in a match is not looked at again. */
    private matches(directory: TreeNode, above: string, pattern: string): TreeNode[] {
        return [...directory.children].flatMap(([name, node]) => {
            const path = above === "" ? name : `${above}/${name}`;
            if (!isVisible(node)) return [];
            return matchGlob(pattern, path) ? [node] : this.matches(node, path, pattern);
        });
    }

    /** Walks to a path, following links within the context; links on the way are read. */
    private follow(parts: readonly string[]): TreeNode | undefined {
        const pending = [...parts];
        const trail: TreeNode[] = [this.root];
        const links: TreeNode[] = [];
        for (let part = pending.shift(); part !== undefined; part = pending.shift()) {
            if (part === "" || part === ".") continue;
            if (part === "..") {
                if (trail.length > 1) trail.pop();
                continue;
            }
            const node = trail.at(-1)?.children.get(part);
            if (node === undefined || !isVisible(node)) return undefined;
            if (node.kind !== "link") {
                trail.push(node);
                continue;
            }
            // As many links as the kernel follows.
            if (links.push(node) > 255) return undefined;
            const target = node.target ?? "";
            if (target.startsWith("/")) trail.splice(1);
            pending.unshift(...target.split("/"));
        }
        for (const link of links) this.nodes.add(link);
        return trail.at(-1);
    }

    /** Adds what a read takes of one source; false when `--parents` finds nothing in it. */
    private addBelow(source: TreeNode, read: ContextRead): boolean {
        if (read.include === undefined && read.exclude.length === 0) {
            addAll(source, this.nodes);
            return true;
        }
        if (source.kind !== "directory") {
            // Patterns are about what is below a source.
            if (read.include === undefined) this.nodes.add(source);
            return read.include === undefined;
        }
        const include = read.include === undefined ? undefined : new PatternMatcher([read.include]);
        const exclude = new PatternMatcher(read.exclude);
        if (include === undefined) this.nodes.add(source);
        const some = this.filter(source, "", { include, exclude }, noParents, noParents);
        return some || include === undefined;
    }

    private filter(
        directory: TreeNode,
        aboveIt: string,
        by: { include: PatternMatcher | undefined; exclude: PatternMatcher },
        includedAbove: ParentMatches,
        excludedAbove: ParentMatches,
    ): boolean {
        let some = false;
        for (const [name, node] of directory.children) {
            const path = aboveIt === "" ? name : `${aboveIt}/${name}`;
            const included = by.include?.match(path, includedAbove);
            const excluded = by.exclude.match(path, excludedAbove);
            if (included?.matched !== false && !excluded.matched && !node.ignored) {
                this.nodes.add(node);
                some = true;
            }
            const includedHere = included?.parents ?? noParents;
            some = this.filter(node, path, by, includedHere, excluded.parents) || some;
        }
        return some;
    }
}

function addAll(node: TreeNode, nodes: Set<TreeNode>): void {
    if (!node.ignored) nodes.add(node);
    for (const child of node.children.values()) addAll(child, nodes);
}

/** Whether BuildKit sees an entry: it, or something in it, is not ignored. */
export function isVisible(node: TreeNode): boolean {
    if (!node.ignored) return true;
    for (const child of node.children.values()) if (isVisible(child)) return true;
    return false;
}
