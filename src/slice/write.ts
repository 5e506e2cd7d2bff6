import { randomBytes } from "node:crypto";
import {
    chmodSync,
    constants,
    copyFileSync,
    existsSync,
    lstatSync,
    mkdirSync,
    readdirSync,
    readFileSync,
    readlinkSync,
    realpathSync,
    renameSync,
    rmSync,
    symlinkSync,
    utimesSync,
    writeFileSync,
} from "node:fs";
import { join, posix, relative } from "node:path";
import type { Selection } from "../context/select";
import { systemPath } from "../context/systemPath";
import type { ContextTree } from "../context/tree";
import type { TreeNode } from "../context/treeNode";
import { encodeText } from "../dockerfile/bytes";
import { shortHash } from "../text/shortHash";
import { hasUsualModes, usualMode } from "./modes";
import type { Slice } from "./slice";

/** Options for writing a slice. */
export interface WriteOptions {
    /**
     * `usual`: files have the modes of a checkout under the usual umask, so that neither diffs nor
     * cache depend on the machine. The files are copied only if one has another mode. `exact`:
     * modes as on this machine. @default "usual"
     */
    readonly modes?: "usual" | "exact";
}

/** Where a slice was written, relative to the program's folder and the same on every machine. */
export interface WrittenSlice {
    /** For docker-build's `dockerfile.location`. */
    readonly dockerfile: string;
    /** For docker-build's `context.location`. */
    readonly context: string;
}

/** Age at which unused copies are deleted; another run may still be reading newer ones. */
const copyLifetimeMs = 24 * 60 * 60 * 1000;

/**
 * Writes a slice into a folder: its Dockerfile, its ignore file, and a link to the context itself,
 * or to a copy of the slice's files when their modes must change. Each file is replaced in one
 * step, and an existing copy never changes. So the worst effect of two parallel runs is that one
 * builds the other's slice.
 *
 * @param folder the slice's own folder, relative to the program's, such as
 * `.harbor-build/dev/harbor.example.com/shop/fm/app`
 */
export function writeSlice(
    slice: Slice,
    tree: ContextTree,
    folder: string,
    options: WriteOptions = {},
): WrittenSlice {
    mkdirSync(folder, { recursive: true });
    const dockerfile = posix.join(folder, "Dockerfile");
    const context = posix.join(folder, contextName(folder));
    const isUsual = hasUsualModes(slice.selection) && !slice.mustCopy;
    const asItIs = options.modes === "exact" || isUsual;
    const source = asItIs ? tree.location : copySelection(slice, tree, folder);
    // A relative link resolves along real folders, even if the program's path contains links.
    replaceLink(context, relative(realpathSync(folder), realpathSync(source)) || ".");
    replaceFile(`${dockerfile}.dockerignore`, slice.ignore);
    replaceFile(dockerfile, slice.dockerfile.text);
    removeOldCopies(folder, source);
    return { dockerfile, context };
}

/**
 * The name of the link to a slice's context, different for each folder. buildx sends BuildKit the
 * last component of a context's path. BuildKit reuses files between contexts of the same name when
 * path, mode, size and time are the same (docs/adr/0010).
 *
 * @internal
 */
export function contextName(folder: string): string {
    return `context-${shortHash(folder)}`;
}

function replaceFile(path: string, text: string): void {
    const bytes = encodeText(text);
    if (existsSync(path) && readFileSync(path).equals(bytes)) return;
    const next = temporary(path);
    writeFileSync(next, bytes);
    renameSync(next, path);
}

function replaceLink(path: string, target: string): void {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found?.isSymbolicLink() && readlinkSync(path) === target) return;
    const next = temporary(path);
    // On Windows a junction needs no special rights; other systems ignore the type.
    symlinkSync(target, next, "junction");
    renameSync(next, path);
}

/** Copies the selected entries, with usual modes, to a folder named after their digest. */
function copySelection(slice: Slice, tree: ContextTree, folder: string): string {
    const place = join(
        folder,
        `files-${slice.digest.slice("sha256:".length, "sha256:".length + 16)}`,
    );
    if (existsSync(place)) {
        // The age of a copy counts from the last run that used it.
        utimesSync(place, new Date(), new Date());
        return place;
    }
    const next = temporary(place);
    mkdirSync(next);
    chmodSync(next, 0o755);
    copySelected(slice.selection, tree.location, next);
    try {
        renameSync(next, place);
    } catch (cause) {
        // Another run has already copied the same files.
        rmSync(next, { recursive: true, force: true });
        if (!existsSync(place)) throw cause;
    }
    return place;
}

/** Copies the selection; creates directories only for selected entries. */
function copySelected({ nodes }: Selection, location: string, to: string): void {
    const made = new Set([""]);
    const makeFolder = (path: string): void => {
        if (made.has(path)) return;
        made.add(path);
        const above = posix.dirname(path);
        makeFolder(above === "." ? "" : above);
        mkdirSync(systemPath(to, path));
        // Independent of the umask.
        chmodSync(systemPath(to, path), 0o755);
    };
    for (const node of nodes) {
        const above = posix.dirname(node.path);
        makeFolder(node.kind === "directory" ? node.path : above === "." ? "" : above);
        copyEntry(node, systemPath(location, node.path), systemPath(to, node.path));
    }
}

function copyEntry(node: TreeNode, source: string | Buffer, place: string | Buffer): void {
    if (node.kind === "link") symlinkSync(encodeText(node.target ?? ""), place);
    // Pipes, sockets and devices have no content that a build could read.
    if (node.kind !== "file") return;
    copyFileSync(source, place, constants.COPYFILE_FICLONE);
    chmodSync(place, usualMode(node));
    const { atime, mtime } = lstatSync(source);
    utimesSync(place, atime, mtime);
}

function removeOldCopies(folder: string, inUse: string): void {
    for (const name of readdirSync(folder)) {
        const path = join(folder, name);
        if (!name.startsWith("files-") || path === join(inUse)) continue;
        const { mtimeMs } = lstatSync(path);
        if (Date.now() - mtimeMs > copyLifetimeMs) rmSync(path, { recursive: true, force: true });
    }
}

function temporary(path: string): string {
    return `${path}.${process.pid}-${randomBytes(4).toString("hex")}`;
}
