import { trimSpace } from "../dockerfile/words";
import { compilePattern, type PathTest } from "./pattern";

/** One pattern of a dockerignore file, of `--exclude`, or of BuildKit's request to a client. */
interface Pattern {
    readonly negated: boolean;
    readonly test: PathTest;
    /** The path components before the first one with a special character. */
    readonly head: string;
    readonly isPlain: boolean;
}

/** For each pattern, whether it matches a directory or one of its parents. */
export type ParentMatches = readonly boolean[];

/** Whether a path matches, and the state for matching its children. */
export interface MatchResult {
    readonly matched: boolean;
    readonly parents: ParentMatches;
    /** Index of the pattern that decided; undefined when none matched. */
    readonly decidedBy?: number;
}

/** The state at the root, where a walk starts. */
export const noParents: ParentMatches = [];

/**
 * Matches paths against dockerignore patterns with the semantics of moby's patternmatcher: the last
 * pattern that matches a path or one of its parent directories decides, `!` is an exception, `**`
 * crosses directories. Packages on npm differ: `ignore` follows git's rules, where a name without a
 * slash matches at any depth. `@balena/dockerignore` does not apply matches of parent directories
 * to their children, as BuildKit's walk does.
 */
export class PatternMatcher {
    /** Whether any pattern is an exception (`!`). */
    readonly hasNegation: boolean;
    private readonly patterns: readonly Pattern[];

    /** @param patterns as written; blank and malformed patterns match nothing */
    constructor(patterns: readonly string[]) {
        this.patterns = patterns.map(compile);
        this.hasNegation = this.patterns.some(({ negated }) => negated);
    }

    /**
     * Matches a path during a walk.
     *
     * @param path from the root, separated by slashes, without a leading slash
     * @param above the {@link MatchResult.parents} of the parent directory
     */
    match(path: string, above: ParentMatches): MatchResult {
        let matched = false;
        let decidedBy: number | undefined;
        const parents = this.patterns.map(({ negated, test }, index) => {
            const carried = above[index] ?? false;
            if (!carried && (negated !== matched || !test(path))) return false;
            matched = !negated;
            decidedBy = index;
            return true;
        });
        return { matched, parents, decidedBy };
    }

    /** Whether a pattern that is not an exception may match something in a directory. */
    mayMatchBelow(directory: string): boolean {
        return this.patterns.some(
            ({ negated, head, isPlain }) =>
                !negated &&
                (head === "" ||
                    head.startsWith(`${directory}/`) ||
                    (!isPlain && `${directory}/`.startsWith(`${head}/`))),
        );
    }

    /** Matches a path together with its parent directories. */
    matchFromRoot(path: string): MatchResult {
        let result: MatchResult = { matched: false, parents: noParents };
        for (let end = path.indexOf("/"); ; end = path.indexOf("/", end + 1)) {
            result = this.match(end < 0 ? path : path.slice(0, end), result.parents);
            if (end < 0) return result;
        }
    }
}

/** The path of a pattern, cleaned as Go's `filepath.Clean` does. */
export function cleanPattern(pattern: string): string {
    const rooted = pattern.startsWith("/");
    const parts: string[] = [];
    for (const part of pattern.split("/")) {
        if (part === "" || part === ".") continue;
        if (part !== "..") parts.push(part);
        else if (parts.length > 0 && parts.at(-1) !== "..") parts.pop();
        else if (!rooted) parts.push(part);
    }
    const path = parts.join("/");
    return rooted ? `/${path}` : path || ".";
}

/** Why a pattern cannot be matched: BuildKit rejects it, or this package does not support it. */
export function patternFault(written: string): "malformed" | "unmodelled" | undefined {
    const { negated, pattern } = readPattern(written);
    // BuildKit skips a blank pattern and rejects "!" alone.
    if (pattern === "") return negated ? "malformed" : undefined;
    const test = compilePattern(pattern);
    return typeof test === "string" ? test : undefined;
}

function compile(written: string): Pattern {
    const { negated, pattern } = readPattern(written);
    const test = pattern === "" ? "malformed" : compilePattern(pattern);
    const names = pattern.split("/");
    const first = names.findIndex((name) => /[*?[\]^\\]/.test(name));
    const head = names.slice(0, first < 0 ? names.length : first).join("/");
    const isPlain = first < 0;
    if (typeof test !== "string") return { negated, test, head, isPlain };
    // With a pattern that is not supported here, include too much rather than too little.
    return { negated, test: () => negated && test === "unmodelled", head, isPlain };
}

/** Cleans a pattern as patternmatcher does: a leading `!` counts as part of the first name. */
function readPattern(written: string): { negated: boolean; pattern: string } {
    const trimmed = trimSpace(written);
    const cleaned = trimmed === "" ? "" : cleanPattern(trimmed);
    const negated = cleaned.startsWith("!");
    return { negated, pattern: negated ? cleaned.slice(1) : cleaned };
}
