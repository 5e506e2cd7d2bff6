import { PatternMatcher } from "./matcher";
import type { MissingSource } from "./select";
import { statOf, systemPath } from "./systemPath";
import type { ContextTree } from "./tree";
import type { TreeNode } from "./treeNode";

/**
 * Describes why BuildKit does not find a source, without the line in the Dockerfile.
 *
 * @param folder name of the context in messages; undefined for the build context
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
        const hint = isJson ? ". In a JSON array, use double quotes and no comma at the end" : "";
        return `${source}: ${describeMalformed(malformed)}${hint}`;
    }
    if (link !== undefined) {
        return (
            `${source}: "${path}" matches and is a link to "${link.target}", which the ` +
            "build does not receive; remove the link, or make sure that its target exists and is not ignored"
        );
    }
    if (isBehindLink) {
        return `${source}: BuildKit does not follow the link "${read.path}"; name the target of the link`;
    }
    if (statOf(systemPath(tree.location, path)) === undefined) {
        return `${source}: "${path}" does not exist in ${folder ?? "the context"}`;
    }
    const pattern = hidingPattern(tree, path);
    if (pattern !== undefined) {
        const file = folder === undefined ? pattern.file : `${pattern.file} in ${folder}`;
        return (
            `${source}: line ${pattern.line} of ${file} ("${pattern.written}") excludes it; ` +
            `narrow that pattern or add "!${path}" after it`
        );
    }
    if (read.wildcards) {
        return (
            `${source}: nothing in "${path}" matches, and BuildKit fails when it receives nothing ` +
            "from the folder before a wildcard; correct or remove the source"
        );
    }
    if (passesLink(tree, path)) {
        return (
            `${source}: BuildKit receives only the first of several sources through one link; ` +
            "name the target of the link"
        );
    }
    return `${source}: BuildKit reads the path as a pattern that does not match "${path}"; rename the file`;
}

function passesLink({ root }: ContextTree, path: string): boolean {
    let node: TreeNode | undefined = root;
    for (const name of path.split("/").slice(0, -1)) {
        node = node?.children.get(name);
        if (node?.kind === "link") return true;
    }
    return false;
}

/** Describes why BuildKit rejects a pattern, and what to write. */
export function describeMalformed(pattern: string): string {
    return (
        `"${pattern}" is a malformed pattern; expected a "]" for each "[" and a character after ` +
        'each "\\"; "[[]" matches the character "["'
    );
}

/** The pattern in the ignore file that excludes a path. */
function hidingPattern({ ignoreFile }: ContextTree, path: string) {
    if (ignoreFile === undefined) return undefined;
    const matcher = new PatternMatcher(ignoreFile.patterns.map(({ pattern }) => pattern));
    const { matched, decidedBy } = matcher.matchFromRoot(path);
    const pattern = decidedBy === undefined ? undefined : ignoreFile.patterns[decidedBy];
    return matched && pattern !== undefined ? { ...pattern, file: ignoreFile.name } : undefined;
}
