import { randomBytes } from "node:crypto";
import {
    chmodSync,
    constants,
    copyFileSync,
    existsSync,
    lstatSync,
    lutimesSync,
    mkdirSync,
    readdirSync,
    renameSync,
    rmSync,
    statSync,
    symlinkSync,
    utimesSync,
    writeFileSync,
} from "node:fs";
import { join, posix } from "node:path";
import type { ContextTree, Slice, TreeNode } from "./context";

/** Folder of everything generated, in the program's; it tells git to ignore it. */
export const generatedFolder = ".harbor-build";

/** How long a slice that no run uses stays, in milliseconds. */
const keptMs = 14 * 24 * 3600 * 1000;

/** Where a slice was written, relative to the program's folder, the same on every machine. */
export interface WrittenSlice {
    readonly context: string;
    readonly dockerfile: string;
}

/**
 * Writes a slice into a folder named by its digest, unless it is there.
 *
 * docker-build's diff covers every mode bit of every file that it is shown, so a checkout under
 * another umask would differ for ever. What it is shown is therefore a copy with the modes that git
 * keeps: 0644, or 0755 for what its owner may execute. The copy appears under its name whole or
 * not at all, and two runs that write the same slice at once end with the same one.
 *
 * @param programFolder The program's folder, to which context and Dockerfile are relative.
 */
export function writeSlice(
    slice: Slice,
    tree: ContextTree,
    programFolder: string = process.cwd(),
): WrittenSlice {
    const slices = join(programFolder, generatedFolder, "slices");
    const name = slice.digest.slice("sha256:".length, "sha256:".length + 16);
    const folder = join(slices, name);
    if (!existsSync(folder)) {
        mkdirSync(slices, { recursive: true });
        writeFileSync(join(programFolder, generatedFolder, ".gitignore"), "*\n");
        writeWhole(slice, tree, folder);
        removeUnused(slices, folder);
    }
    const now = new Date();
    utimesSync(folder, now, now);
    const relative = posix.join(generatedFolder, "slices", name);
    return {
        context: posix.join(relative, "context"),
        dockerfile: posix.join(relative, "Dockerfile"),
    };
}

function writeWhole(slice: Slice, tree: ContextTree, folder: string): void {
    const unfinished = `${folder}.${process.pid}-${randomBytes(4).toString("hex")}`;
    try {
        mkdirSync(unfinished);
        const context = join(unfinished, "context");
        mkdirSync(context, { mode: 0o755 });
        copyTree(tree.root, tree.location, context, slice);
        writeFileSync(join(unfinished, "Dockerfile"), slice.dockerfile.text);
        chmodSync(join(unfinished, "Dockerfile"), 0o644);
        renameSync(unfinished, folder);
    } catch (error) {
        rmSync(unfinished, { recursive: true, force: true });
        // Another run was quicker with the same slice.
        if (!existsSync(folder)) {
            throw error;
        }
    }
}

function copyTree(directory: TreeNode, from: string, to: string, slice: Slice): void {
    for (const [name, node] of directory.children) {
        const [source, target] = [join(from, name), join(to, name)];
        if (node.kind === "directory") {
            if (holdsSelected(node, slice)) {
                mkdirSync(target);
                copyTree(node, source, target, slice);
                chmodSync(target, 0o755);
                copyTimes(source, target);
            }
        } else if (slice.selection.nodes.has(node)) {
            copyEntry(node, source, target);
        }
    }
}

function copyEntry(node: TreeNode, source: string, target: string): void {
    if (node.kind === "link") {
        symlinkSync(node.target ?? "", target);
        const { atime, mtime } = lstatSync(source);
        lutimesSync(target, atime, mtime);
    } else if (node.kind === "file") {
        copyFileSync(source, target, constants.COPYFILE_FICLONE);
        chmodSync(target, (node.mode & 0o100) === 0 ? 0o644 : 0o755);
        copyTimes(source, target);
    }
}

function holdsSelected(directory: TreeNode, slice: Slice): boolean {
    if (slice.selection.nodes.has(directory)) {
        return true;
    }
    return [...directory.children.values()].some((node) =>
        node.kind === "directory" ? holdsSelected(node, slice) : slice.selection.nodes.has(node),
    );
}

/** A file's time is in the layer that it is copied to. */
function copyTimes(source: string, target: string): void {
    const { atime, mtime } = statSync(source);
    utimesSync(target, atime, mtime);
}

function removeUnused(slices: string, used: string): void {
    const oldestMs = Date.now() - keptMs;
    for (const name of readdirSync(slices)) {
        const folder = join(slices, name);
        if (
            folder !== used &&
            (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0) < oldestMs
        ) {
            rmSync(folder, { recursive: true, force: true });
        }
    }
}
