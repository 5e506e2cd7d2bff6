import { PatternMatcher } from "./matcher";
import { placeOf, statOf } from "./place";
import type { MissingSource } from "./select";
import type { ContextTree } from "./tree";
import type { TreeNode } from "./treeNode";

/**
 * Why BuildKit does not find a source, in words without the Dockerfile's line.
 *
 * @param folder what messages call the context, of a named one
 */
export function describeMissing(
    tree: ContextTree,
    missing: MissingSource,
    folder?: string,
): string {
    const { read, path, link, isBehindLink, malformed } = missing;
    const source = `${read.instruction} ${read.written}`;
    if (malformed !== undefined) {
        const isJson = read.written.startsWith("[");
        const hint = isJson ? ". A JSON array has double quotes and no comma at its end" : "";
        return `${source}: ${describeMalformed(malformed)}${hint}`;
    }
    if (link !== undefined) {
        return (
            `${source}: "${path}" matches it and is a link to "${link.target}", ` +
            "which the build does not get; remove the link or let its target in"
        );
    }
    if (isBehindLink) {
        return `${source}: BuildKit does not look behind the link "${read.path}"; name what it leads to`;
    }
    if (statOf(placeOf(tree.location, path)) === undefined) {
        return `${source}: there is no "${path}" in ${folder ?? "the context"}`;
    }
    const pattern = hidingPattern(tree, path);
    if (pattern !== undefined) {
        const file = folder === undefined ? pattern.file : `${pattern.file} in ${folder}`;
        return (
            `${source}: line ${pattern.line} of ${file} ("${pattern.written}") hides it; ` +
            `narrow that pattern or add "!${path}" after it`
        );
    }
    if (read.wildcards) {
        return (
            `${source}: nothing in "${path}" matches it, and BuildKit fails when it gets nothing ` +
            "of the folder before a wildcard; correct the source or leave it out"
        );
    }
    if (passesLink(tree, path)) {
        return (
            `${source}: of several sources through one link, BuildKit receives the first only; ` +
            "name what the link leads to"
        );
    }
    return `${source}: BuildKit takes that path for a pattern that does not match "${path}"; rename it`;
}

function passesLink({ root }: ContextTree, path: string): boolean {
    let node: TreeNode | undefined = root;
    for (const name of path.split("/").slice(0, -1)) {
        node = node?.children.get(name);
        if (node?.kind === "link") return true;
    }
    return false;
}

/** Why BuildKit does not take a pattern, and what to write. */
export function describeMalformed(pattern: string): string {
    return (
        `"${pattern}" is a malformed pattern; expected a "]" for each "[" and a character after ` +
        'each "\\"; "[[]" matches the character "["'
    );
}

/** The pattern of the ignore file that keeps a path out. */
function hidingPattern({ ignoreFile }: ContextTree, path: string) {
    if (ignoreFile === undefined) return undefined;
    const matcher = new PatternMatcher(ignoreFile.patterns.map(({ pattern }) => pattern));
    const { matched, decidedBy } = matcher.matchFromRoot(path);
    const pattern = decidedBy === undefined ? undefined : ignoreFile.patterns[decidedBy];
    return matched && pattern !== undefined ? { ...pattern, file: ignoreFile.name } : undefined;
}
