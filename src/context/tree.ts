import { readdirSync, readlinkSync, realpathSync, type Stats, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { decodeText } from "../dockerfile/bytes";
import { ContextError, isSystemError, unreadable } from "./failure";
import { FileDigests, type FolderDigests, timeStepMs } from "./fileDigests";
import type { IgnoreFile } from "./ignoreFile";
import { type MatchResult, noParents, type ParentMatches, PatternMatcher } from "./matcher";
import { pathWithin, slashed, statOf, systemPath } from "./systemPath";
import type { TreeNode } from "./treeNode";

/** A build context as BuildKit sees it: its entries, and which are ignored. */
export interface ContextTree {
    /** The context's folder. */
    readonly location: string;
    readonly root: TreeNode;
    readonly ignoreFile?: IgnoreFile;
    /** Path of the folder for generated files in the context; undefined when it is elsewhere. */
    readonly generated?: string;
    /** Content digests of the files that have been read so far. */
    readonly digests: FolderDigests;
    /**
     * Reads modes, sizes and times again at their next use.
     *
     * @returns false when a listed directory may have changed, and the tree must be listed again
     */
    renew(): boolean;
}

/** Options for reading a context. */
export interface TreeOptions {
    /** The folder for generated files, which counts as ignored. @default none */
    readonly generated?: string;
    /** Digests of files that are already read. @default none */
    readonly digests?: FileDigests;
}

const noChildren: ReadonlyMap<string, TreeNode> = new Map();
const noMatch: MatchResult = { matched: false, parents: noParents };

/**
 * Reads the entries of a build context; each directory is listed at its first use. Links are listed
 * and not followed. An ignored directory is entered only if a negated pattern may include something
 * in it.
 *
 * @param location the context's folder
 * @throws the file system's errors for that folder
 */
export function readTree(
    location: string,
    ignoreFile?: IgnoreFile,
    options: TreeOptions = {},
): ContextTree {
    const lister = new Lister(location, ignoreFile, options);
    const root = new ListedNode(lister, "", statSync(location), noMatch);
    const { generated } = lister;
    const digests = (options.digests ?? new FileDigests()).in(location);
    const renew = () => lister.renew();
    return { location, root, ignoreFile, generated, digests, renew };
}

type EntryStat = Pick<Stats, "mode" | "size" | "ctimeMs">;

class ListedNode implements TreeNode {
    readonly path: string;
    readonly ignored: boolean;
    readonly kind: TreeNode["kind"] = "other";
    readonly target?: string;
    private readonly lister: Lister;
    private readonly parents: ParentMatches;
    private stat: EntryStat;
    private round: number;
    private listed: ReadonlyMap<string, TreeNode> | undefined = noChildren;

    constructor(lister: Lister, path: string, stat: Stats, match: MatchResult) {
        this.lister = lister;
        this.path = path;
        this.parents = match.parents;
        this.ignored = match.matched || path === lister.generated;
        // A whole Stats takes several times the memory.
        this.stat = { mode: stat.mode, size: stat.size, ctimeMs: stat.ctimeMs };
        this.round = lister.round;
        if (stat.isDirectory()) {
            this.kind = "directory";
            if (!this.ignored || lister.mayTakeBack(path)) this.listed = undefined;
        } else if (stat.isFile()) {
            this.kind = "file";
        } else if (stat.isSymbolicLink()) {
            this.kind = "link";
            const target = readlinkSync(systemPath(lister.location, path), "latin1");
            this.target = slashed(readName(target));
        }
    }

    get mode(): number {
        return this.current().mode;
    }

    get size(): number {
        return this.kind === "file" ? this.current().size : 0;
    }

    get changedMs(): number {
        return this.current().ctimeMs;
    }

    get children(): ReadonlyMap<string, TreeNode> {
        this.listed ??= this.lister.list(this.path, this.parents);
        return this.listed;
    }

    private current(): EntryStat {
        if (this.round === this.lister.round) return this.stat;
        this.round = this.lister.round;
        this.stat = statOf(systemPath(this.lister.location, this.path)) ?? this.stat;
        return this.stat;
    }
}

class Lister {
    readonly location: string;
    /** Path of the folder for generated files; undefined outside this context. */
    readonly generated: string | undefined;
    private readonly matcher: PatternMatcher;
    private readonly takenBack: readonly string[] | undefined;
    /** Counts how often the tree was renewed. */
    round = 0;
    /** Time of the last change of each listed directory. */
    private readonly changedMs = new Map<string, number>();
    /** Whether a listed directory may change again without another time. */
    private hasRecent = false;

    constructor(location: string, ignoreFile: IgnoreFile | undefined, options: TreeOptions) {
        const patterns = ignoreFile?.patterns.map(({ pattern }) => pattern) ?? [];
        this.location = location;
        this.matcher = new PatternMatcher(patterns);
        const { generated } = options;
        this.generated = generated === undefined ? undefined : findGenerated(location, generated);
        this.takenBack = plainPrefixes(patterns);
    }

    list(directory: string, above: ParentMatches): ReadonlyMap<string, TreeNode> {
        const place = systemPath(this.location, directory);
        const children = new Map<string, TreeNode>();
        try {
            const { mtimeMs } = statSync(place);
            this.changedMs.set(directory, mtimeMs);
            this.hasRecent ||= mtimeMs > Date.now() - timeStepMs;
            for (const name of readdirSync(place, "latin1").map(readName).sort()) {
                const path = directory === "" ? name : `${directory}/${name}`;
                const stat = statOf(systemPath(this.location, path));
                // A file that vanished in between, such as an editor's, does not count.
                if (stat === undefined) continue;
                const match = this.matcher.match(path, above);
                children.set(name, new ListedNode(this, path, stat, match));
            }
        } catch (cause) {
            if (!isSystemError(cause)) throw cause;
            const reason = unreadable(cause, "a build context");
            throw new ContextError([{ subject: "context", path: this.location, reason }]);
        }
        return children;
    }

    mayTakeBack(directory: string): boolean {
        if (directory === this.generated || !this.matcher.hasNegation) return false;
        const { takenBack } = this;
        return (
            takenBack === undefined || takenBack.some((path) => path.startsWith(`${directory}/`))
        );
    }

    renew(): boolean {
        this.round++;
        if (this.hasRecent) return false;
        return [...this.changedMs].every(
            ([directory, changedMs]) =>
                statSync(systemPath(this.location, directory), { throwIfNoEntry: false })
                    ?.mtimeMs === changedMs,
        );
    }
}

/** A name that the file system returned as one character per byte, which is faster than buffers. */
function readName(bytes: string): string {
    return /[^\0-\x7f]/.test(bytes) ? decodeText(Buffer.from(bytes, "latin1")) : bytes;
}

/** The path of the folder for generated files in a context, also behind links. */
function findGenerated(location: string, folder: string): string | undefined {
    const real = join(realpathSync.native(dirname(resolve(folder))), basename(folder));
    return pathWithin(realpathSync.native(location), real);
}

/** The negated patterns as plain paths; undefined when a pattern has wildcards in the middle. */
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
