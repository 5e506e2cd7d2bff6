import { randomBytes } from "node:crypto";
import {
    lstatSync,
    readFileSync,
    readlinkSync,
    realpathSync,
    renameSync,
    rmSync,
    symlinkSync,
    unlinkSync,
    writeFileSync,
} from "node:fs";
import { posix, relative, win32 } from "node:path";
import { selectAll } from "../context/select";
import type { ContextTree } from "../context/tree";
import { encodeText } from "../dockerfile/bytes";
import { shortHash } from "../text/shortHash";
import { copyFiles, removeOldCopies } from "./copies";
import { foldersAbove, sliceDigest } from "./digest";
import { hasOtherMode } from "./modes";
import type { Slice } from "./slice";

/** Where a slice was written, relative to the program's folder and the same on every machine. */
export interface WrittenSlice {
    /** For docker-build's `dockerfile.location`. */
    readonly dockerfile: string;
    /** For docker-build's `context.location`. */
    readonly context: string;
    /** For docker-build's `context.named`: locations that replace the user's. @default none */
    readonly namedContexts?: Readonly<Record<string, string>>;
}

/**
 * Writes a slice into a folder: its Dockerfile, its ignore file, and a link to the context itself,
 * or to a copy of the slice's files when their modes must change. Each file is replaced in one
 * step, and an existing copy never changes. So the worst effect of two parallel runs is that one
 * builds the other's slice.
 *
 * @param folder the slice's own folder, which exists, relative to the program's, such as
 * `.harbor-build/dev/harbor.example.com/shop/fm/app`
 */
export function writeSlice(slice: Slice, tree: ContextTree, folder: string): WrittenSlice {
    const { selection, dockerfile, ignore, mustCopy, modes, digest, copiedContexts } = slice;
    const entries = [...selection.nodes, ...foldersAbove(tree, selection)];
    const isCopied =
        mustCopy || entries.some((node) => node.path !== "" && hasOtherMode(node, modes));
    const copy = isCopied ? copyFiles(folder, { tree, selection, modes, digest }) : undefined;
    const context = linkContext(folder, folder, copy ?? tree.location);
    const copies = copy === undefined ? [] : [copy];
    const namedContexts: Record<string, string> = {};
    for (const name of copiedContexts) {
        const place = copyContext(slice, name, folder);
        copies.push(place);
        namedContexts[name] = linkContext(folder, posix.join(folder, name), place);
    }
    const path = posix.join(folder, "Dockerfile");
    replaceFile(`${path}.dockerignore`, ignore);
    replaceFile(path, dockerfile.text);
    removeOldCopies(folder, copies);
    const written = { dockerfile: path, context };
    return copiedContexts.length === 0 ? written : { ...written, namedContexts };
}

/** Copies a named context without the folder of generated files. */
function copyContext({ request, modes }: Slice, name: string, folder: string): string {
    const tree = request.contextFolders?.[name];
    if (tree === undefined) throw new Error(`the named context ${name} is not a folder`);
    const selection = selectAll(tree);
    const digest = sliceDigest(tree, selection, [name], modes);
    return copyFiles(folder, { tree, selection, modes, digest });
}

/** Links to a context, under a name of its own. */
function linkContext(folder: string, named: string, source: string): string {
    const link = posix.join(folder, contextName(named));
    // A relative link resolves along real folders, even if the program's path contains links.
    replaceLink(link, relative(realpathSync(folder), realpathSync(source)) || ".");
    return link;
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
    moveTo(path, next);
}

function replaceLink(path: string, target: string): void {
    const found = lstatSync(path, { throwIfNoEntry: false });
    const current = found?.isSymbolicLink() ? readlinkSync(path) : undefined;
    if (current !== undefined && isSameTarget(path, current, target)) return;
    const next = temporary(path);
    // On Windows a junction needs no special rights; other systems ignore the type.
    symlinkSync(target, next, "junction");
    moveTo(path, next);
}

/** Replaces what is at a path. */
function moveTo(path: string, next: string): void {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory()) rmSync(path, { recursive: true });
    // Windows does not rename onto a junction.
    else if (found?.isSymbolicLink() && process.platform === "win32") unlinkSync(path);
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
