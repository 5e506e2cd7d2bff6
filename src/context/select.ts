import { hasWildcards } from "../dockerfile/paths";
import type { ContextRead } from "../dockerfile/stageReads";
import { compileGlob, type Glob } from "./glob";
import { noParents, type ParentMatches, PatternMatcher, patternFault } from "./matcher";
import { Transfer } from "./transfer";
import type { ContextTree } from "./tree";
import type { TreeNode } from "./treeNode";

/** What a set of reads takes from a context. */
export interface Selection {
    /** Entries that are read; a directory among them is read for itself, not for all in it. */
    readonly nodes: ReadonlySet<TreeNode>;
    /** Reads with wildcards that find nothing, of which BuildKit says nothing. */
    readonly empty: readonly ContextRead[];
    /** Reads for which BuildKit fails, since what they name is not there. */
    readonly missing: readonly MissingSource[];
}

/** A read for which BuildKit fails. */
export interface MissingSource {
    readonly read: ContextRead;
    /** The path that is not there: of the source, of the folder before its first wildcard. */
    readonly path: string;
    /** A link that the source's wildcards match, and that leads nowhere. */
    readonly link?: TreeNode;
    /** Whether it is there, behind a link before the pivot of `--parents`. */
    readonly isBehindLink?: boolean;
    /** The part of the source that is a malformed pattern. */
    readonly malformed?: string;
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
 *
 * @param asked the paths that the instructions of all stages together ask the client for; empty
 * for all of the context
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

/** What a copy takes below its source. */
interface Filter {
    readonly include: PatternMatcher | undefined;
    readonly exclude: PatternMatcher;
    /** The links in the context's root that it took. */
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

    /** Adds what a read takes, or why it fails. */
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
        // A class matches a slash, too.
        const depth = pattern.some((part) => part.includes("[")) ? Infinity : pattern.length;
        const matches = glob === undefined ? [] : this.matches(start, "", glob, depth);
        // BuildKit looks for the folder even if no entry in it is read.
        if (matches.length === 0) this.addWitness(start);
        // A link that matches is followed, as a source without wildcards would be.
        const sources = matches.map((node) =>
            node.kind === "link" ? this.follow(node.path.split("/")) : node,
        );
        const broken = matches.filter((_, index) => sources[index] === undefined);
        for (const link of broken) this.missing.push({ read, path: link.path, link });
        return broken.length > 0 ? undefined : sources.filter((node) => node !== undefined);
    }

    /** Whether BuildKit, which requires a path without wildcards, does not look behind its base's link. */
    private isBehindLink(read: ContextRead, parts: readonly string[]): boolean {
        if (read.include === undefined || hasWildcards(read.include)) return false;
        const base = this.follow(parts.slice(0, -1))?.children.get(parts.at(-1) ?? "");
        if (base?.kind !== "link") return false;
        const path = joinPath(read.path, read.include);
        this.missing.push({ read, path, isBehindLink: true });
        return true;
    }

    /** What matches below a directory; what is in a match is not looked at again. */
    private matches(directory: TreeNode, above: string, glob: Glob, depth: number): TreeNode[] {
        return [...directory.children].flatMap(([name, node]) => {
            const path = joinPath(above, name);
            if (glob(path)) return this.transfer.sends(node) ? [node] : [];
            return depth > 1 ? this.matches(node, path, glob, depth - 1) : [];
        });
    }

    /** Walks to a path, following links within the context; links on the way are read. */
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
                // What is missing may be left by `..` again.
                trail.push(node);
                continue;
            }
            // As many links as the kernel follows.
            if (links.push(node) > 255) return undefined;
            const target = node.target ?? "";
            if (target.startsWith("/")) trail.splice(1);
            pending.unshift(...target.split("/"));
        }
        const end = trail.at(-1);
        if (end !== undefined) for (const link of links) this.nodes.add(link);
        return end;
    }

    /** Adds what a read takes of one source; false when `--parents` finds nothing in it. */
    private addBelow(source: TreeNode, read: ContextRead): boolean {
        if (source.kind !== "directory") {
            // Patterns are about what is below a source; a path without wildcards is required.
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
        // BuildKit copies or looks for the source itself, even if excludes leave nothing of it.
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

    /** BuildKit copies links in the root, and also looks for their targets. */
    private followLinks(read: ContextRead, links: readonly TreeNode[]): void {
        for (const link of links) {
            const target = this.follow([link.path]);
            if (target === undefined) this.missing.push({ read, path: link.path, link });
            else this.addWitness(target);
        }
    }

    /** Adds what makes BuildKit see a directory, and no more; false when nothing of it is sent. */
    private addWitness(directory: TreeNode): boolean {
        if (directory.path === "") return true;
        const first = this.transfer.firstOf(directory);
        if (first !== undefined) this.nodes.add(first);
        return first !== undefined;
    }
}

/**
 * The part of a read that BuildKit refuses as a pattern. It tries wildcards on the context's root
 * or on the folder before them at least. Without wildcards a path is a pattern only to the client,
 * which then sends nothing of it.
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
