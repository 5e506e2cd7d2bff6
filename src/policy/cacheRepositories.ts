/**
 * Harbor's pattern (doublestar, relative to the project) for the repositories that hold caches:
 * `project/image/cache`. Rules for app images exclude it, rules for caches match it.
 */
export const cacheRepositories = "**/cache";

/** Joins patterns into one for Harbor's rules: `{v*,release-*}`. */
export function joinPatterns(patterns: readonly string[]): string {
    const [only = "**", ...others] = patterns;
    return others.length === 0 ? only : `{${patterns.join(",")}}`;
}

/** Why Harbor cannot use a pattern; undefined when it can. Harbor itself accepts any text. */
export function patternFault(pattern: string): string | undefined {
    if (pattern === "") {
        return 'empty; expected a pattern such as "v*"';
    }
    if (/[\s,{}]/.test(pattern)) {
        return `"${pattern}" contains a space, a comma or a brace; use one pattern such as "v*" for each kind of tag`;
    }
    if (pattern.includes("[!")) {
        return `"${pattern}" negates with "!", which Harbor reads as a letter; expected "[^"`;
    }
    const open = pattern.lastIndexOf("[");
    if (open > pattern.lastIndexOf("]")) {
        return `"${pattern}" has a "[" without a "]"`;
    }
    return undefined;
}
