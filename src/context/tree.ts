import { lstatSync, readdirSync, readlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import type { IgnoreFile } from "./ignoreFile";
import { noParents, type ParentMatches, PatternMatcher } from "./matcher";

/** One entry of a build context. */
export interface TreeNode {
    /** Path from the context's root, with slashes; empty for the root. */
    readonly path: string;
    readonly kind: "directory" | "file" | "link" | "other";
    /** Mode bits as the file system gives them. */
    readonly mode: number;
    /** In bytes; 0 for what is no file. */
    readonly size: number;
    /** Where a link points, as written. */
    readonly target?: string;
    /** Whether the ignore file keeps it out; entries in an ignored directory may be let in. */
    readonly ignored: boolean;
    /** Entries of a directory by name, in order; empty when nothing in it can be let in. */
    readonly children: ReadonlyMap<string, TreeNode>;
}

/** A build context as BuildKit sees it: its entries and which of them are ignored. */
export interface ContextTree {
    /** The context's folder. */
    readonly location: string;
    readonly root: TreeNode;
    readonly ignoreFile?: IgnoreFile;
}

/** How a context is looked at. */
export interface TreeOptions {
    /** Entries before it is refused, ignored directories counted as one. @default 500_000 */
    readonly entriesMax?: number;
    /** A folder that counts as ignored: the one generated files go to. @default none */
    readonly generated?: string;
}

/** A context that holds more entries than anyone means to send. */
export class HugeContextError extends Error {
    override readonly name = "HugeContextError" as const;
    /** The root's entries seen so far, those with most below them first. */
    readonly biggest: readonly { readonly path: string; readonly entries: number }[];

    constructor(entriesMax: number, counts: ReadonlyMap<string, number>) {
        const biggest = [...counts]
            .map(([path, entries]) => ({ path, entries }))
            .sort((a, b) => b.entries - a.entries)
            .slice(0, 5);
        const list = biggest.map(({ path, entries }) => `${path} (${entries})`).join(", ");
        super(
            `it holds more than ${entriesMax} files and folders; put what no stage reads into ` +
                `.dockerignore, beginning with ${list}`,
        );
        this.biggest = biggest;
    }
}

const noChildren: ReadonlyMap<string, TreeNode> = new Map();
const entriesMaxDefault = 500_000;

/**
 * Lists a build context. Links are listed, not followed, and an ignored directory is not entered
 * unless the ignore file may take back something in it.
 *
 * @param location the context's folder
 * @throws HugeContextError when there is too much in it; the file system's own errors
 */
export function readTree(
    location: string,
    ignoreFile?: IgnoreFile,
    options: TreeOptions = {},
): ContextTree {
    const lister = new Lister(location, ignoreFile, options);
    const { mode } = lstatSync(location);
    const children = lister.list("", noParents);
    const root: TreeNode = { path: "", kind: "directory", mode, size: 0, ignored: false, children };
    return { location, root, ignoreFile };
}

class Lister {
    private readonly location: string;
    private readonly matcher: PatternMatcher;
    private readonly entriesMax: number;
    private readonly generated: string | undefined;
    private readonly takenBack: readonly string[] | undefined;
    private readonly counts = new Map<string, number>();
    private entries = 0;

    constructor(location: string, ignoreFile: IgnoreFile | undefined, options: TreeOptions) {
        const patterns = ignoreFile?.patterns.map(({ pattern }) => pattern) ?? [];
        this.location = location;
        this.matcher = new PatternMatcher(patterns);
        this.entriesMax = options.entriesMax ?? entriesMaxDefault;
        this.generated = options.generated === undefined ? undefined : resolve(options.generated);
        this.takenBack = plainPrefixes(patterns);
    }

    list(directory: string, above: ParentMatches): ReadonlyMap<string, TreeNode> {
        const names = readdirSync(join(this.location, directory)).sort();
        return new Map(
            names.map((name) => [
                name,
                this.node(directory === "" ? name : `${directory}/${name}`, above),
            ]),
        );
    }

    private node(path: string, above: ParentMatches): TreeNode {
        this.count(path);
        const { matched: ignored, parents } = this.matcher.match(path, above);
        const place = join(this.location, path);
        if (resolve(place) === this.generated) return generatedFolder(path);
        const stat = lstatSync(place);
        const { mode } = stat;
        const plain = { path, mode, size: 0, ignored, children: noChildren };
        if (stat.isFile()) return { ...plain, kind: "file", size: stat.size };
        if (stat.isSymbolicLink()) return { ...plain, kind: "link", target: readlinkSync(place) };
        if (!stat.isDirectory()) return { ...plain, kind: "other" };
        if (ignored && !this.mayTakeBack(path)) return { ...plain, kind: "directory" };
        return { ...plain, kind: "directory", children: this.list(path, parents) };
    }

    private mayTakeBack(directory: string): boolean {
        if (!this.matcher.hasNegation) return false;
        const { takenBack } = this;
        return (
            takenBack === undefined || takenBack.some((path) => path.startsWith(`${directory}/`))
        );
    }

    private count(path: string): void {
        const top = path.split("/", 1)[0] ?? path;
        this.counts.set(top, (this.counts.get(top) ?? 0) + 1);
        this.entries++;
        if (this.entries > this.entriesMax)
            throw new HugeContextError(this.entriesMax, this.counts);
    }
}

function generatedFolder(path: string): TreeNode {
    return { path, kind: "directory", mode: 0, size: 0, ignored: true, children: noChildren };
}

/** The negated patterns as plain paths; undefined when one holds wildcards inside. */
function plainPrefixes(patterns: readonly string[]): string[] | undefined {
    const prefixes = patterns
        .filter((pattern) => pattern.startsWith("!"))
        .map(
            (pattern) =>
                `${pattern
                    .slice(1)
                    .replace(/\/\*\*$/, "")
                    .replace(/\/\*$/, "")}/`,
        );
    return prefixes.some((prefix) => /[*?[\]^\\]/.test(prefix)) ? undefined : prefixes;
}
