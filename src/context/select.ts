import { hasWildcards } from "../dockerfile/paths";
import type { ContextRead } from "../dockerfile/stageReads";
import { compileGlob, type Glob } from "./glob";
import { noParents, type ParentMatches, PatternMatcher, patternFault } from "./matcher";
import { Transfer } from "./transfer";
import type { ContextTree } from "./tree";
import type { TreeNode } from "./treeNode";

/** The entries of a context that a set of reads needs. */
export interface Selection {
    /** Entries that are read. A directory in the set does not imply its contents. */
    readonly nodes: ReadonlySet<TreeNode>;
    /** Reads with wildcards that find nothing, which BuildKit accepts. */
    readonly empty: readonly ContextRead[];
    /** Reads for which BuildKit fails, because the source is missing. */
    readonly missing: readonly MissingSource[];
}

/** A read for which BuildKit fails. */
export interface MissingSource {
    readonly read: ContextRead;
    /** The missing path: the source, or the folder before its first wildcard. */
    readonly path: string;
    /** A broken link that the source's wildcards match. */
    readonly link?: TreeNode;
    /** Whether the source exists, but only behind a link before the pivot of `--parents`. */
    readonly isBehindLink?: boolean;
    /** The malformed pattern in the source. */
    readonly malformed?: string;
}

/** Selects everything that is not ignored, for a stage that may read anything. */
export function selectAll(tree: ContextTree): Selection {
    const nodes = new Set<TreeNode>();
    addAll(tree.root, nodes);
    return { nodes, empty: [], missing: [] };
}

/**
 * Selects the entries that reads need, as BuildKit finds them. Wildcards match within a path
 * component. BuildKit follows links on the way to a source and the source itself, never out of the
 * context. It copies links inside a copied directory as links.
 *
 * @param asked the paths that BuildKit requests from the client for all stages together; empty for
 * the whole context
 */
export function select(
    tree: ContextTree,
    reads: readonly ContextRead[],
    asked: readonly string[],
): Selection {
    const finder = new Finder(tree.root, new Transfer(tree, asked));
    for (const read of reads) finder.take(read);
    return finder;
}

/** Which entries a copy takes below its source. */
interface Filter {
    readonly include: PatternMatcher | undefined;
    readonly exclude: PatternMatcher;
    /** The links in the context's root that the copy took. */
    readonly links: TreeNode[];
}

class Finder implements Selection {
    readonly nodes = new Set<TreeNode>();
    readonly empty: ContextRead[] = [];
    readonly missing: MissingSource[] = [];
    private readonly root: TreeNode;
    private readonly transfer: Transfer;

    constructor(root: TreeNode, transfer: Transfer) {
        this.root = root;
        this.transfer = transfer;
    }

    /** Adds the entries of a read, or the reason why it fails. */
    take(read: ContextRead): void {
        const malformed = malformedPattern(read);
        if (malformed !== undefined) {
            this.missing.push({ read, path: read.path, malformed });
            return;
        }
        const sources = this.sources(read);
        if (sources === undefined) return;
        const hasSome = sources.reduce(
            (some, source) => this.addBelow(source, read) || some,
            false,
        );
        if (hasSome) return;
        if (read.wildcards || hasWildcards(read.include ?? "")) this.empty.push(read);
        else this.missing.push({ read, path: joinPath(read.path, read.include ?? "") });
    }

    /** The entries that a read's path selects; undefined when BuildKit fails on the path. */
    private sources(read: ContextRead): TreeNode[] | undefined {
        const parts = read.path.split("/").filter((part) => part !== "");
        const first = read.wildcards ? parts.findIndex(hasWildcards) : -1;
        const plain = first < 0 ? parts : parts.slice(0, first);
        const start = this.follow(plain);
        if (start === undefined) {
            const below = first < 0 ? (read.include ?? "") : "";
            this.missing.push({ read, path: joinPath(plain.join("/"), below) });
            return undefined;
        }
        if (first < 0) return this.isBehindLink(read, parts) ? undefined : [start];
        const pattern = parts.slice(first);
        const glob = compileGlob(pattern.join("/"));
        // A class can match a slash.
        const depth = pattern.some((part) => part.includes("[")) ? Infinity : pattern.length;
        const matches = glob === undefined ? [] : this.matches(start, "", glob, depth);
        // BuildKit looks up the folder even if the build reads no entry in it.
        if (matches.length === 0) this.addWitness(start);
        // BuildKit follows a link that matches, like a source without wildcards.
        const sources = matches.map((node) =>
            node.kind === "link" ? this.follow(node.path.split("/")) : node,
        );
        const broken = matches.filter((_, index) => sources[index] === undefined);
        for (const link of broken) this.missing.push({ read, path: link.path, link });
        return broken.length > 0 ? undefined : sources.filter((node) => node !== undefined);
    }

    /**
     * Whether a required path without wildcards is behind its base's link, which BuildKit does not
     * follow.
     */
    private isBehindLink(read: ContextRead, parts: readonly string[]): boolean {
        if (read.include === undefined || hasWildcards(read.include)) return false;
        const base = this.follow(parts.slice(0, -1))?.children.get(parts.at(-1) ?? "");
        if (base?.kind !== "link") return false;
        const path = joinPath(read.path, read.include);
        this.missing.push({ read, path, isBehindLink: true });
        return true;
    }

    /** The matches below a directory; entries inside a match are not tried. */
    private matches(directory: TreeNode, above: string, glob: Glob, depth: number): TreeNode[] {
        return [...directory.children].flatMap(([name, node]) => {
            const path = joinPath(above, name);
            if (glob(path)) return this.transfer.sends(node) ? [node] : [];
            return depth > 1 ? this.matches(node, path, glob, depth - 1) : [];
        });
    }

    /**
     * Walks to a path and follows links within the context. The walk selects the links on the way.
     */
    private follow(parts: readonly string[]): TreeNode | undefined {
        const pending = [...parts];
        const trail: (TreeNode | undefined)[] = [this.root];
        const links: TreeNode[] = [];
        for (let part = pending.shift(); part !== undefined; part = pending.shift()) {
            if (part === "" || part === ".") continue;
            if (part === "..") {
                if (trail.length > 1) trail.pop();
                continue;
            }
            const found = trail.at(-1)?.children.get(part);
            const node = found !== undefined && this.transfer.sends(found) ? found : undefined;
            if (node?.kind !== "link") {
                // The path may leave a missing directory by `..` again.
                trail.push(node);
                continue;
            }
            // The kernel follows at most this many links.
            if (links.push(node) > 255) return undefined;
            const target = node.target ?? "";
            if (target.startsWith("/")) trail.splice(1);
            pending.unshift(...target.split("/"));
        }
        const end = trail.at(-1);
        if (end !== undefined) for (const link of links) this.nodes.add(link);
        return end;
    }

    /** Adds the entries of one source; false when `--parents` finds nothing in the source. */
    private addBelow(source: TreeNode, read: ContextRead): boolean {
        if (source.kind !== "directory") {
            // Patterns apply to entries below a source; a path without wildcards must exist.
            const { wildcards, include } = read;
            if (include !== undefined && !wildcards && !hasWildcards(include)) return false;
            this.nodes.add(source);
            return true;
        }
        if (read.include === undefined && read.exclude.length === 0 && !read.wildcards) {
            addAll(source, this.nodes);
            return true;
        }
        const include = read.include === undefined ? undefined : new PatternMatcher([read.include]);
        const exclude = new PatternMatcher(read.exclude);
        const by: Filter = { include, exclude, links: [] };
        const some = this.filter(source, "", by, noParents, noParents);
        if (read.path === "") this.followLinks(read, by.links);
        // BuildKit copies or looks up the source itself, even if excludes leave nothing of it.
        if (include === undefined || !some) this.addWitness(source);
        return some || include === undefined;
    }

    private filter(
        directory: TreeNode,
        aboveIt: string,
        by: Filter,
        includedAbove: ParentMatches,
        excludedAbove: ParentMatches,
    ): boolean {
        let some = false;
        for (const [name, node] of directory.children) {
            const path = joinPath(aboveIt, name);
            const included = by.include?.match(path, includedAbove);
            if (included?.matched === false && !by.include?.mayMatchBelow(path)) continue;
            const excluded = by.exclude.match(path, excludedAbove);
            const isTaken = included?.matched !== false && !excluded.matched;
            const isSent = !node.ignored && this.transfer.includes(node);
            if (isTaken && isSent) {
                this.nodes.add(node);
                some = true;
                if (directory === this.root && node.kind === "link") by.links.push(node);
            }
            const includedHere = included?.parents ?? noParents;
            if (this.filter(node, path, by, includedHere, excluded.parents)) some = true;
            else if (isTaken && !isSent && this.addWitness(node)) some = true;
        }
        return some;
    }

    /** BuildKit copies links in the root and also looks up their targets. */
    private followLinks(read: ContextRead, links: readonly TreeNode[]): void {
        for (const link of links) {
            const target = this.follow([link.path]);
            if (target === undefined) this.missing.push({ read, path: link.path, link });
            else this.addWitness(target);
        }
    }

    /** Adds one entry, so that BuildKit sees a directory; false when nothing in it is sent. */
    private addWitness(directory: TreeNode): boolean {
        if (directory.path === "") return true;
        const first = this.transfer.firstOf(directory);
        if (first !== undefined) this.nodes.add(first);
        return first !== undefined;
    }
}

/**
 * The malformed pattern that makes BuildKit reject a read. BuildKit tries wildcards at least on the
 * context's root or on the folder before them. Only the client reads a path without wildcards as a
 * pattern; it then sends nothing.
 */
function malformedPattern({ path, wildcards, include }: ContextRead): string | undefined {
    if (wildcards && compileGlob(path) === undefined) return path;
    return include !== undefined && patternFault(include) === "malformed" ? include : undefined;
}

function addAll(node: TreeNode, nodes: Set<TreeNode>): void {
    if (!node.ignored) nodes.add(node);
    for (const child of node.children.values()) addAll(child, nodes);
}

function joinPath(above: string, below: string): string {
    return above === "" || below === "" ? above + below : `${above}/${below}`;
}
