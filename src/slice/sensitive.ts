import type { TreeNode } from "../context/treeNode";

/** Endings of `.env.NAME` that mark a file without secrets, for users to copy. */
const examples = ["example", "sample", "template", "dist"];
const keys = ["id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"];
/** Maximum number of paths in the warning. */
const namedMax = 5;

/**
 * The entries that often hold secrets, sorted: a Git repository, logins of npm, variables of a
 * deployment, private keys. Of a folder, only the folder.
 */
export function sensitivePaths(nodes: Iterable<Pick<TreeNode, "path" | "kind">>): string[] {
    const found = new Set<string>();
    for (const { path, kind } of nodes) {
        const parts = path.split("/");
        const git = parts.indexOf(".git");
        if (git >= 0) found.add(parts.slice(0, git + 1).join("/"));
        else if (kind !== "directory" && isSensitive(parts.at(-1) ?? "")) found.add(path);
    }
    return [...found].sort();
}

function isSensitive(name: string): boolean {
    const isExample = examples.some((ending) => name.endsWith(`.${ending}`));
    const isKey = keys.some((key) => name.startsWith(key)) && !name.endsWith(".pub");
    const isVariables = name === ".env" || (name.startsWith(".env.") && !isExample);
    return name === ".npmrc" || isVariables || isKey || name.endsWith(".pem");
}

/** A warning about what an image reads; undefined without such entries. */
export function sensitiveWarning(paths: readonly string[]): string | undefined {
    if (paths.length === 0) return undefined;
    const more = paths.length > namedMax ? `, and ${paths.length - namedMax} more` : "";
    return (
        `the build reads files that often hold secrets (${paths.slice(0, namedMax).join(", ")}${more}). ` +
        "Images and caches keep what a stage reads, and everyone who may pull them can read it. " +
        "Fix: add the files to .dockerignore, or pass secrets with RUN --mount=type=secret."
    );
}
