import { compileGlob } from "./glob";

/** One pattern of a dockerignore file or of `--exclude`. */
interface Pattern {
    readonly negated: boolean;
    readonly test: (path: string) => boolean;
}

/** For each pattern, whether it matches a directory or one above it. */
export type ParentMatches = readonly boolean[];

/** Whether a path is matched, and what its children need to know. */
export interface MatchResult {
    readonly matched: boolean;
    readonly parents: ParentMatches;
    /** Index of the pattern that decided; undefined when none matched. */
    readonly decidedBy?: number;
}

/** No directory above: the start of a walk. */
export const noParents: ParentMatches = [];

/**
 * Matches paths against dockerignore patterns with the semantics of moby's patternmatcher: the
 * last pattern that matches a path or a directory above it decides, `!` takes back, `**` crosses
 * directories. Of the packages on npm, `ignore` follows git's rules, which differ (a name without
 * a slash matches at any depth there), and `@balena/dockerignore` does not carry matches of
 * parent directories down as BuildKit's walk does; so it is done here, in some eighty lines that
 * are tested against BuildKit itself.
 */
export class PatternMatcher {
    /** Whether any pattern takes back. */
    readonly hasNegation: boolean;
    private readonly patterns: readonly Pattern[];

    /** @param patterns cleaned patterns: no blanks around, no slash before or after */
    constructor(patterns: readonly string[]) {
        this.patterns = patterns.map(compile);
        this.hasNegation = this.patterns.some(({ negated }) => negated);
    }

    /**
     * Matches a path during a walk.
     *
     * @param path from the root, with slashes, none before it
     * @param above the {@link MatchResult.parents} of the directory it is in
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
}

/** A pattern's path cleaned as Go's `filepath.Clean` does. */
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

/** Whether BuildKit takes a pattern. */
export function isPattern(pattern: string): boolean {
    return compileGlob(pattern) !== undefined && tryExpression(pattern) !== undefined;
}

function compile(written: string): Pattern {
    const negated = written.startsWith("!");
    const pattern = negated ? written.slice(1) : written;
    return { negated, test: testOf(pattern) };
}

function testOf(pattern: string): (path: string) => boolean {
    if (!/[*?[\]\\]/.test(pattern)) return (path) => path === pattern;
    const expression = tryExpression(pattern);
    return expression === undefined ? () => false : (path) => expression.test(path);
}

function tryExpression(pattern: string): RegExp | undefined {
    try {
        return new RegExp(`^${expressionOf(pattern)}$`);
    } catch {
        return undefined;
    }
}

function expressionOf(pattern: string): string {
    let source = "";
    for (let position = 0; position < pattern.length; position++) {
        const char = pattern.charAt(position);
        if (char === "*" && pattern.charAt(position + 1) === "*") {
            position++;
            if (pattern.charAt(position + 1) === "/") position++;
            const last = position + 1 >= pattern.length;
            source += last ? "[^]*" : source === "" ? suffixStart(pattern, position) : "([^]*/)?";
        } else if (char === "*") {
            source += "[^/]*";
        } else if (char === "?") {
            source += "[^/]";
        } else if (char === "\\") {
            source += `\\${pattern.charAt(++position)}`;
        } else {
            source += /[.+()|{}$]/.test(char) ? `\\${char}` : char;
        }
    }
    return source;
}

/**
 * `**` at the head: before a slash it stands for any directories or none. Without one BuildKit
 * compares the end of the path when the rest is plain text, and whole components when it is not.
 */
function suffixStart(pattern: string, position: number): string {
    const plain = !/[*?[\]\\]/.test(pattern.slice(position + 1));
    return plain && !pattern.startsWith("**/") ? "[^]*" : "([^]*/)?";
}
