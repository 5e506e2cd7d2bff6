import { createHash } from "node:crypto";
import { lstatSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { SandboxError } from "./sandboxError";

/** Paths of the sandbox of one data folder. */
export interface Places {
    readonly dataDir: string;
    readonly log: string;
    readonly run: string;
    readonly harbor: string;
    readonly registry: string;
    readonly mirror: string;
    readonly buildkit: string;
    readonly certificates: string;
    readonly trust: string;
    /** Folder of sockets: a short path, because a socket's address may have at most 108 bytes. */
    readonly sockets: string;
}

export function placesOf(dataDir: string): Places {
    const root = resolve(dataDir);
    const key = createHash("sha256").update(root).digest("hex").slice(0, 12);
    return {
        dataDir: root,
        log: join(root, "log"),
        run: join(root, "run"),
        harbor: join(root, "harbor"),
        registry: join(root, "registry"),
        mirror: join(root, "mirror"),
        buildkit: join(root, "buildkit"),
        certificates: join(root, "certificates"),
        trust: join(root, "trust"),
        sockets: join(tmpdir(), `harbor-build-${key}`),
    };
}

/** Creates the folders, closed to other users. */
export function makePlaces(places: Places): void {
    for (const path of [
        places.dataDir,
        places.log,
        places.run,
        places.harbor,
        places.certificates,
    ]) {
        mkdirSync(path, { recursive: true, mode: 0o700 });
    }
    privateFolder(places.sockets);
}

/**
 * A folder in a place where others may write: it must belong to this user and be closed to others.
 */
export function privateFolder(path: string): void {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const found = lstatSync(path);
    const ours =
        found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0;
    if (!ours) {
        throw new SandboxError(
            `${path}: expected a folder of your own that nobody else can enter; ` +
                "remove it, or set TMPDIR to your own folder",
        );
    }
}
