/** One entry of a build context. */
export interface TreeNode {
    /**
     * Path from the context's root, with slashes; empty for the root. Keeps bytes that are not
     * valid UTF-8.
     */
    readonly path: string;
    readonly kind: "directory" | "file" | "link" | "other";
    /** Mode bits as the file system reports them. */
    readonly mode: number;
    /** Size in bytes; 0 for anything that is not a file. */
    readonly size: number;
    /** Target of a link, as written. */
    readonly target?: string;
    /** Time of the last change of content or metadata, from the file system. */
    readonly changedMs: number;
    /**
     * Whether the ignore file excludes the entry; entries in an ignored directory may be included.
     */
    readonly ignored: boolean;
    /**
     * Entries of a directory by name, in order; empty when the ignore file excludes everything in
     * it. The directory is listed at the first use.
     *
     * @throws ContextError when the directory cannot be read
     */
    readonly children: ReadonlyMap<string, TreeNode>;
}
