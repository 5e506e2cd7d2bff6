/**
 * Harbor's pattern (doublestar, relative to the project) for the repositories that hold caches:
 * `project/image/cache`. Rules for app images exclude it, rules for caches match it.
 */
export const cacheRepositories = "**/cache";

/** Several patterns as one, as Harbor's rules take them: `{v*,release-*}`. */
export function joinPatterns(patterns: readonly string[]): string {
    const [only = "**", ...others] = patterns;
    return others.length === 0 ? only : `{${patterns.join(",")}}`;
}

/** Why a pattern is none that Harbor can use, or undefined when it is one. Harbor itself takes any. */
export function patternFault(pattern: string): string | undefined {
    if (pattern === "") {
        return 'empty; expected a pattern such as "v*"';
    }
    if (/[\s,{}]/.test(pattern)) {
        return `"${pattern}" holds a blank, a comma or a brace; give one pattern such as "v*" for each kind of tag`;
    }
    if (pattern.includes("[!")) {
        return `"${pattern}" negates with "!", which Harbor takes for a letter; expected "[^"`;
    }
    const open = pattern.lastIndexOf("[");
    if (open > pattern.lastIndexOf("]")) {
        return `"${pattern}" has a "[" that nothing closes`;
    }
    return undefined;
}
