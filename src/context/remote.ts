import { FileDigests } from "./fileDigests";
import type { ContextTree } from "./tree";
import type { TreeNode } from "./treeNode";

/**
 * Whether buildx passes the location of a build context on to BuildKit, which fetches it: a URL or a
 * Git repository (`git@host:path`, `github.com/owner/name`).
 */
export function isRemoteContext(location: string): boolean {
    return /^(?:(?:https?|git|ssh):\/\/|github\.com\/|[\w-]+@[\w.-]+:)/i.test(location);
}

/** The tree of a context that only BuildKit fetches: empty. */
export function remoteTree(location: string): ContextTree {
    const root: TreeNode = {
        path: "",
        kind: "directory",
        mode: 0o755,
        size: 0,
        changedMs: 0,
        ignored: false,
        children: new Map(),
    };
    return { location, root, digests: new FileDigests().in(location), renew: () => true };
}
