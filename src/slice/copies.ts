import { randomBytes } from "node:crypto";
import {
    chmodSync,
    constants,
    copyFileSync,
    existsSync,
    linkSync,
    lstatSync,
    mkdirSync,
    readdirSync,
    readlinkSync,
    rmSync,
    symlinkSync,
    utimesSync,
} from "node:fs";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { isSystemError } from "../context/failure";
import type { Selection } from "../context/select";
import { systemPath } from "../context/systemPath";
import type { ContextTree } from "../context/tree";
import type { TreeNode } from "../context/treeNode";
import { encodeText } from "../dockerfile/bytes";
import { shortHash } from "../text/shortHash";
import { foldersAbove } from "./digest";
import { imageMode, type Modes } from "./modes";

/** What a copy contains. */
export interface CopiedFiles {
    readonly tree: ContextTree;
    readonly selection: Selection;
    readonly modes: Modes;
    /** Digest of the files and their modes. */
    readonly digest: string;
}

/** Age at which a copy is deleted even if its run seems to be alive. */
const lifetimeMs = 24 * 60 * 60 * 1000;

/** Version 0.1.0 named its copies after a digest. */
const nameForm = /^files-(?:[0-9a-f]{16}|([0-9a-f]{10})-(\d+)-(\d+)-[0-9a-f]{8})$/;

/** The copies of this process, by folder and digest. */
const made = new Map<string, string>();

/** The copied files of this process, by source. Copies share files: nobody edits them. */
const copied = new Map<string, string | Buffer>();

/**
 * Copies the selected entries into a folder. A run uses only copies of its own, because anybody can
 * commit a folder with the name of a copy.
 */
export function copyFiles(folder: string, files: CopiedFiles): string {
    const key = JSON.stringify([process.cwd(), folder, files.digest]);
    const earlier = made.get(key);
    if (earlier !== undefined && existsSync(earlier)) {
        // The age of a copy counts from its last use.
        utimesSync(earlier, new Date(), new Date());
        return earlier;
    }
    const parts = [machine(), process.pid, lastOfRun(), randomBytes(4).toString("hex")];
    const place = join(folder, `files-${parts.join("-")}`);
    try {
        mkdirSync(place);
        chmodSync(place, 0o755);
        copyEntries(files, resolve(place));
    } catch (cause) {
        rmSync(place, { recursive: true, force: true });
        throw cause;
    }
    made.set(key, place);
    return place;
}

/**
 * Deletes the copies of earlier runs. While another run with a copy here may be alive, all copies
 * stay: that run may read any of them through the link. A copy that cannot be deleted stays too.
 *
 * @param inUse the copies of this run
 */
export function removeOldCopies(folder: string, inUse: readonly string[]): void {
    const copies = readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && nameForm.test(entry.name))
        .map(({ name }) => name)
        .filter((name) => !inUse.includes(join(folder, name)));
    const old = copies.filter((name) => isOld(join(folder, name)));
    const isInUse = copies.some((name) => !old.includes(name) && !isLeftOver(name));
    for (const name of isInUse ? old : copies) {
        try {
            removeCopy(join(folder, name));
        } catch (cause) {
            if (!isSystemError(cause)) throw cause;
        }
    }
}

function isOld(copy: string): boolean {
    const ctimeMs = lstatSync(copy, { throwIfNoEntry: false })?.ctimeMs ?? Date.now();
    return Date.now() - ctimeMs > lifetimeMs;
}

/**
 * The process that lives as long as the builds of this run. Pulumi's language host is the parent of a
 * program and outlives it; the SDK then sets this variable (3.245 to 3.270, cmd/run/index.js). A plugin
 * and an inline program of the Automation API outlive the builds themselves. The parent of an inline
 * program is a shell or a CI agent, which may never end.
 */
function lastOfRun(): number {
    return process.env["PULUMI_NODEJS_MONITOR"] === undefined ? process.pid : process.ppid;
}

/**
 * Whether the run that made a copy has ended: both processes that its name contains have. Earlier runs
 * of this process and runs on other machines may still be alive.
 */
function isLeftOver(name: string): boolean {
    const [, host, program, last] = nameForm.exec(name) ?? [];
    const isKnown = host === machine() && program !== String(process.pid);
    return isKnown && ![program, last].some((pid) => isAlive(Number(pid)));
}

function isAlive(pid: number): boolean {
    try {
        process.kill(pid, 0);
        return true;
    } catch (cause) {
        return !(isSystemError(cause) && cause.code === "ESRCH");
    }
}

/** This machine or container, in which process ids are unique. */
function machine(): string {
    const namespace = "/proc/self/ns/pid";
    // Only Linux has namespaces.
    return shortHash(`${hostname()} ${existsSync(namespace) ? readlinkSync(namespace) : ""}`);
}

/** Deletes a copy, also with folders that nobody may write. */
function removeCopy(place: string): void {
    const entries = readdirSync(place, { withFileTypes: true, recursive: true });
    for (const entry of entries.filter((one) => one.isDirectory())) {
        chmodSync(join(entry.parentPath, entry.name), 0o700);
    }
    rmSync(place, { recursive: true, force: true });
}

function copyEntries({ tree, selection, modes }: CopiedFiles, to: string): void {
    const above = foldersAbove(tree, selection);
    const nodes = [...above, ...[...selection.nodes].filter((node) => !above.has(node))];
    const folders = nodes
        .filter(({ kind, path }) => kind === "directory" && path !== "")
        .sort((a, b) => a.path.length - b.path.length);
    for (const { path } of folders) mkdirSync(systemPath(to, path));
    for (const node of nodes) {
        copyEntry(tree, node, imageMode(node, modes), systemPath(to, node.path));
    }
    // Independent of the umask, and after the entries of the folder are written.
    for (const node of folders.reverse()) {
        chmodSync(systemPath(to, node.path), imageMode(node, modes));
    }
}

function copyEntry(
    { location, digests }: ContextTree,
    node: TreeNode,
    mode: number,
    place: string | Buffer,
): void {
    if (node.kind === "link") symlinkSync(encodeText(node.target ?? ""), place);
    // Pipes, sockets and devices have no content that a build could read.
    if (node.kind !== "file") return;
    const source = systemPath(location, node.path);
    const content = digests.digestOf(node).toString("hex");
    const key = [resolve(location), node.path, node.changedMs, mode, content].join("\0");
    const earlier = copied.get(key);
    if (earlier !== undefined && tryLink(earlier, place)) return;
    copyFileSync(source, place, constants.COPYFILE_FICLONE);
    chmodSync(place, mode);
    const { atime, mtime } = lstatSync(source);
    utimesSync(place, atime, mtime);
    copied.set(key, place);
}

function tryLink(from: string | Buffer, to: string | Buffer): boolean {
    try {
        linkSync(from, to);
        return true;
    } catch (cause) {
        if (isSystemError(cause)) return false;
        throw cause;
    }
}
