import { resolve } from "node:path";
import { FileDigests } from "./fileDigests";
import type { IgnoreFile } from "./ignoreFile";
import { type ContextTree, readTree, type TreeOptions } from "./tree";

/**
 * The contexts that one run reads. Each context is listed once and each file is read once, even if
 * many components, targets and platforms use it. The program may write files between two components:
 * a context is listed again when one of its folders gains or loses an entry, and the modes, sizes and
 * times of the entries that a component uses are read again for each component.
 */
export class ContextTrees {
    private readonly digests = new FileDigests();
    private readonly known = new Map<string, ContextTree>();

    /** @throws the file system's errors for the folder */
    read(
        location: string,
        ignoreFile: IgnoreFile | undefined,
        { generated }: TreeOptions,
    ): ContextTree {
        const key = JSON.stringify([resolve(location), ignoreFile?.name, ignoreFile?.text]);
        const found = this.known.get(key);
        this.digests.in(location).forgetRecent();
        if (found?.renew()) return found;
        const tree = readTree(location, ignoreFile, { generated, digests: this.digests });
        this.known.set(key, tree);
        return tree;
    }
}
