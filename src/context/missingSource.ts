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
    if (read.include === "") {
        return (
            `${source}: --parents finds nothing, because the source names only a folder to start in; ` +
            'write the entries to copy, such as "*", or remove --parents'
        );
    }
    const { generated } = tree;
    if (generated !== undefined && `${path}/`.startsWith(`${generated}/`)) {
        return (
            `${source}: "${generated}" is the folder of generated files, which no build receives; ` +
            "copy the file to another folder"
        );
    }
    const { absent, link: followed, end } = lookUp(tree, path);
    if (followed?.ignored === false && end === undefined) {
        return (
            `${source}: "${followed.path}" is a link to "${followed.target}", which the build does ` +
            "not receive; make sure that its target exists in the context and is not ignored, or " +
            "remove the source. BuildKit resolves links within the context"
        );
    }
    if (absent !== undefined || statOf(systemPath(tree.location, path)) === undefined) {
        const hint = absent === undefined ? "" : spelling(absent);
        return `${source}: "${path}" does not exist in ${folder ?? "the context"}${hint}`;
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
    if (followed !== undefined) {
        return (
            `${source}: BuildKit receives only the first of several sources through one link; ` +
            "name the target of the link"
        );
    }
    return `${source}: BuildKit reads the path as a pattern that does not match "${path}"; rename the file`;
}

/** What a context has at a path. */
interface LookUp {
    /** The first link on the way. */
    readonly link?: TreeNode;
    /** The entry behind all links, if the build may receive it. */
    readonly end?: TreeNode;
    /** A name that its folder does not have. */
    readonly absent?: { readonly directory: TreeNode; readonly name: string };
}

/** Looks up a path within the context; an absent name counts only before the first link. */
function lookUp({ root }: ContextTree, path: string): LookUp {
    const pending = path.split("/");
    const trail = [root];
    let link: TreeNode | undefined;
    for (let followed = 0; ; ) {
        const directory = trail.at(-1) ?? root;
        const name = pending.shift();
        if (name === undefined) return directory.ignored ? { link } : { link, end: directory };
        if (name === "" || name === ".") continue;
        if (name === "..") {
            if (trail.length > 1) trail.pop();
            continue;
        }
        const node = directory.children.get(name);
        if (node === undefined) {
            const isListed = directory.kind === "directory" && !directory.ignored;
            return link === undefined && isListed ? { absent: { directory, name } } : { link };
        }
        if (node.kind !== "link") {
            trail.push(node);
            continue;
        }
        link ??= node;
        if (++followed > 255) return { link };
        const { target = "" } = node;
        if (target.startsWith("/")) trail.splice(1);
        pending.unshift(...target.split("/"));
    }
}

/** A hint at a name that differs only in case; some file systems do not distinguish the two. */
function spelling({ directory, name }: NonNullable<LookUp["absent"]>): string {
    const other = [...directory.children.keys()].find(
        (one) => one.toLowerCase() === name.toLowerCase(),
    );
    return other === undefined
        ? ""
        : `; "${other}" does, and BuildKit distinguishes upper and lower case on every system`;
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
