import { createHash } from "node:crypto";
import { rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { stopSandbox } from "../sandbox/sandbox";

const memory = "/dev/shm";
const tmpfsType = 0x01021994; // statfs(2)
const freeBytesMin = 12e9;

/** Where the sandbox of the benchmark keeps BuildKit's roots, the registry and everything else. */
export interface Storage {
    readonly kind: "tmpfs" | "disk";
    readonly folder: string;
}

/**
 * Chooses memory where the machine has enough of it: on a disk that others use, unpacking a base image
 * takes between 1.5 and 11 seconds. `folder` is the one on disk.
 */
export async function chooseStorage(folder: string): Promise<Storage> {
    try {
        const { type, bavail, bsize } = await statfs(memory);
        if (type === tmpfsType && bavail * bsize >= freeBytesMin) {
            const key = createHash("sha256").update(folder).digest("hex").slice(0, 12);
            return { kind: "tmpfs", folder: join(memory, `harbor-build-bench-${key}`) };
        }
    } catch {
        // no such folder: the disk it is
    }
    return { kind: "disk", folder };
}

/** Stops the sandbox, and frees the memory that its files take. */
export async function releaseStorage({ kind, folder }: Storage): Promise<void> {
    await stopSandbox(folder);
    if (kind === "tmpfs") {
        await rm(folder, { recursive: true, force: true });
    }
}
