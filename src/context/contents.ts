import { createHash, hash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { resolve } from "node:path";
import { placeOf } from "./place";
import type { TreeNode } from "./tree";

/** What is read at once; one for all files, since making one costs more than reading a small file. */
const chunk = Buffer.allocUnsafe(1 << 20);

/** Digests of files' contents, each read once for all slices and contexts that hold it. */
export class FileContents {
    private readonly known = new Map<string, { changedMs: number; size: number; digest: Buffer }>();

    /** The SHA-256 of a file's content. */
    digestOf(location: string, { path, size, changedMs }: TreeNode): Buffer {
        const key = `${resolve(location)}/${path}`;
        const found = this.known.get(key);
        if (found?.changedMs === changedMs && found.size === size) return found.digest;
        const digest = contentDigest(placeOf(location, path));
        this.known.set(key, { changedMs, size, digest });
        return digest;
    }
}

function contentDigest(place: string | Buffer): Buffer {
    const file = openSync(place, "r");
    try {
        let length = readSync(file, chunk, 0, chunk.length, null);
        // A regular file gives less than asked for at its end alone.
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
