/** One entry of a build context. */
export interface TreeNode {
    /** Path from the context's root, with slashes; empty for the root. Bytes that are no UTF-8 are kept. */
    readonly path: string;
    readonly kind: "directory" | "file" | "link" | "other";
    /** Mode bits as the file system gives them. */
    readonly mode: number;
    /** In bytes; 0 for what is no file. */
    readonly size: number;
    /** Where a link points, as written. */
    readonly target?: string;
    /** When the file system last changed anything about it. */
    readonly changedMs: number;
    /** Whether the ignore file excludes it; entries in an ignored directory may still be included. */
    readonly ignored: boolean;
    /**
     * Entries of a directory by name, in order; empty when nothing in it can be let
     * in. The file system is asked when they are first looked at.
     *
     * @throws ContextError when the directory cannot be read
     */
    readonly children: ReadonlyMap<string, TreeNode>;
}
