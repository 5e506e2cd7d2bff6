import { createHash, hash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { resolve } from "node:path";
import { systemPath } from "./systemPath";
import type { TreeNode } from "./treeNode";

/** Buffer shared by all reads: allocating one per file costs more than reading a small file. */
const chunk = Buffer.allocUnsafe(1 << 20);

/** Digests of files by folder; each file is read once. */
export class FileDigests {
    private readonly folders = new Map<string, FolderDigests>();

    /**
     * The digests of one folder's files; every spelling of the folder's path gives the same object.
     */
    in(location: string): FolderDigests {
        const path = resolve(location);
        const digests = this.folders.get(path) ?? new FolderDigests(path);
        this.folders.set(path, digests);
        return digests;
    }
}

/**
 * File systems note the time of a change in steps, of up to two seconds. If a file changed less than
 * this time before it was read, a later change may have the same time.
 */
export const timeStepMs = 2000;

/** Content digests of one folder's files. */
export class FolderDigests {
    private readonly location: string;
    private readonly known = new Map<string, { changedMs: number; size: number; digest: Buffer }>();
    /** Files that may change again without another time. */
    private readonly recent = new Set<string>();

    constructor(location: string) {
        this.location = location;
    }

    /** The SHA-256 of a file's content. */
    digestOf({ path, size, changedMs }: TreeNode): Buffer {
        const found = this.known.get(path);
        if (found?.changedMs === changedMs && found.size === size) return found.digest;
        if (changedMs > Date.now() - timeStepMs) this.recent.add(path);
        const digest = contentDigest(systemPath(this.location, path));
        this.known.set(path, { changedMs, size, digest });
        return digest;
    }

    /** Forgets files that may have changed since without another time. */
    forgetRecent(): void {
        for (const path of this.recent) this.known.delete(path);
        this.recent.clear();
    }
}

function contentDigest(place: string | Buffer): Buffer {
    const file = openSync(place, "r");
    try {
        let length = readSync(file, chunk, 0, chunk.length, null);
        // A read of a regular file returns less than requested only at the end of the file.
        if (length < chunk.length) return hash("sha256", chunk.subarray(0, length), "buffer");
        const whole = createHash("sha256");
        for (; length > 0; length = readSync(file, chunk, 0, chunk.length, null)) {
            whole.update(chunk.subarray(0, length));
        }
        return whole.digest();
    } finally {
        closeSync(file);
    }
}
