import { randomBytes } from "node:crypto";
import {
    lstatSync,
    mkdirSync,
    readFileSync,
    readlinkSync,
    realpathSync,
    renameSync,
    symlinkSync,
    unlinkSync,
    writeFileSync,
} from "node:fs";
import { posix, relative, win32 } from "node:path";
import type { ContextTree } from "../context/tree";
import { encodeText } from "../dockerfile/bytes";
import { shortHash } from "../text/shortHash";
import { copyFiles, removeOldCopies } from "./copies";
import { foldersAbove } from "./digest";
import { hasOtherMode } from "./modes";
import type { Slice } from "./slice";

/** Where a slice was written, relative to the program's folder and the same on every machine. */
export interface WrittenSlice {
    /** For docker-build's `dockerfile.location`. */
    readonly dockerfile: string;
    /** For docker-build's `context.location`. */
    readonly context: string;
}

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
    { selection, dockerfile: { text }, ignore, mustCopy, modes, digest }: Slice,
    tree: ContextTree,
    folder: string,
): WrittenSlice {
    mkdirSync(folder, { recursive: true });
    const dockerfile = posix.join(folder, "Dockerfile");
    const context = posix.join(folder, contextName(folder));
    const entries = [...selection.nodes, ...foldersAbove(tree, selection)];
    const isCopied =
        mustCopy || entries.some((node) => node.path !== "" && hasOtherMode(node, modes));
    const copy = isCopied ? copyFiles(folder, { tree, selection, modes, digest }) : undefined;
    const source = copy ?? tree.location;
    // A relative link resolves along real folders, even if the program's path contains links.
    replaceLink(context, relative(realpathSync(folder), realpathSync(source)) || ".");
    replaceFile(`${dockerfile}.dockerignore`, ignore);
    replaceFile(dockerfile, text);
    removeOldCopies(folder, copy);
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
    const isFile = lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
    if (isFile && readFileSync(path).equals(bytes)) return;
    const next = temporary(path);
    writeFileSync(next, bytes, { flag: "wx" });
    renameSync(next, path);
}

function replaceLink(path: string, target: string): void {
    const found = lstatSync(path, { throwIfNoEntry: false });
    const current = found?.isSymbolicLink() ? readlinkSync(path) : undefined;
    if (current !== undefined && isSameTarget(path, current, target)) return;
    const next = temporary(path);
    // On Windows a junction needs no special rights; other systems ignore the type.
    symlinkSync(target, next, "junction");
    // Windows does not rename onto a junction.
    if (current !== undefined && process.platform === "win32") unlinkSync(path);
    renameSync(next, path);
}

/**
 * Whether a link already has a target. Windows stores the absolute path of a junction's target, with
 * a backslash at the end, and compares names without regard to case.
 *
 * @internal
 */
export function isSameTarget(
    link: string,
    current: string,
    target: string,
    platform: NodeJS.Platform = process.platform,
): boolean {
    if (platform !== "win32") return current === target;
    const [now, then] = [current, target].map((one) =>
        win32.resolve(win32.dirname(win32.resolve(link)), one).toLowerCase(),
    );
    return now === then;
}

function temporary(path: string): string {
    return `${path}.${process.pid}-${randomBytes(4).toString("hex")}`;
}
