import {
    chmodSync,
    cpSync,
    lstatSync,
    mkdirSync,
    renameSync,
    rmSync,
    type Stats,
    symlinkSync,
    utimesSync,
    writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import fc from "fast-check";
import { contextFiles } from "./grammar";

/** One change of a context's folder, such as a developer makes between two builds. */
export type Edit =
    /** A file with this content in place of what is there: an addition, a change, a replacement. */
    | { readonly kind: "write"; readonly path: string; readonly content: string }
    /** A link in place of what is there; another target for a link. */
    | { readonly kind: "link"; readonly path: string; readonly target: string }
    /** An empty folder in place of what is there. */
    | { readonly kind: "folder"; readonly path: string }
    | { readonly kind: "chmod"; readonly path: string; readonly mode: number }
    /** The same times as before any edit, or others. */
    | { readonly kind: "touch"; readonly path: string; readonly seconds: number }
    /** The name in upper case, or in lower case. */
    | { readonly kind: "case"; readonly path: string }
    | { readonly kind: "remove"; readonly path: string }
    | { readonly kind: "rename"; readonly path: string; readonly to: string }
    /** A copy in place of what is there. */
    | { readonly kind: "copy"; readonly path: string; readonly to: string }
    /** Two entries that change places. */
    | { readonly kind: "swap"; readonly path: string; readonly to: string };

const folders = [...new Set(Object.keys(contextFiles).map(dirname))].filter((path) => path !== ".");
const path = fc.constantFrom(
    ...Object.keys(contextFiles),
    ...folders,
    ...["empty", "new", "new.txt", "docs/new.md", "docs/empty", "conf/new.yaml", "A.TXT"],
    ...["docs/A.md", "ext/new", "ext/link", "ext/empty", "links/new", ".dockerignore"],
);
/** Some are those of other files, so that edits make equal files. */
const content = fc.constantFrom(
    "",
    "a\n",
    "b\n",
    "docs a\n",
    "dev\n",
    "ext f\n",
    "new\n",
    "*.md\n",
);
const target = fc.constantFrom(
    ...["a.txt", "b.txt", "docs", "conf", "../a.txt", "../b.txt", "../docs", "../conf", "a.md"],
    ...["f.txt", "x", "sub", ".", "..", "/docs", "missing", "../missing", "new", "link"],
);
const mode = fc.constantFrom(
    ...[0o644, 0o664, 0o640, 0o600, 0o666, 0o755, 0o775, 0o700, 0o750, 0o744, 0o400, 0o444],
    ...[0o4755, 0o2755, 0o2775, 0o1777, 0o777, 0o711],
);

export const edit: fc.Arbitrary<Edit> = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("write" as const), path, content }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("link" as const), path, target }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("folder" as const), path }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("chmod" as const), path, mode }) },
    {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constant("touch" as const), path, seconds: fc.nat(9) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("case" as const), path }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("remove" as const), path }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("rename" as const), path, to: path }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("copy" as const), path, to: path }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("swap" as const), path, to: path }) },
);

/** Applies an edit to a context's folder; false when there is nothing to edit. */
export function applyEdit(context: string, one: Edit): boolean {
    const paths = "to" in one ? [one.path, one.to] : [one.path];
    // Behind a link is another path, or a folder that is not the test's own.
    if (paths.some((at) => isBehindLink(context, at))) return false;
    const place = join(context, one.path);
    switch (one.kind) {
        case "write":
            return makeRoom(place) && attempt(() => writeFileSync(place, one.content));
        case "link":
            return makeRoom(place) && attempt(() => symlinkSync(one.target, place));
        case "folder":
            return makeRoom(place) && attempt(() => mkdirSync(place));
        case "chmod":
            return chmod(place, one.mode);
        case "touch":
            return isPlain(stateOf(place)) && attempt(() => utimesSync(place, 1, one.seconds));
        case "remove":
            return stateOf(place) !== undefined && remove(place);
        case "case":
            return moveTo(place, join(dirname(place), otherCase(basename(place))));
        case "rename":
            return moveTo(place, join(context, one.to));
        case "copy":
            return copyTo(place, join(context, one.to));
        case "swap":
            return swap(place, join(context, one.to));
    }
}

function stateOf(place: string): Stats | undefined {
    try {
        return lstatSync(place);
    } catch {
        // A file where the path needs a folder.
        return undefined;
    }
}

function isBehindLink(context: string, path: string): boolean {
    const above = dirname(path);
    if (above === ".") return false;
    const isLink = stateOf(join(context, above))?.isSymbolicLink() === true;
    return isLink || isBehindLink(context, above);
}

function isPlain(state: Stats | undefined): boolean {
    return state !== undefined && !state.isSymbolicLink();
}

/** Removes what is at a place and makes the folders above it; false when one of them is a file. */
function makeRoom(place: string): boolean {
    return attempt(() => {
        mkdirSync(dirname(place), { recursive: true });
        rmSync(place, { recursive: true, force: true });
    });
}

function chmod(place: string, mode: number): boolean {
    const state = stateOf(place);
    if (!isPlain(state)) return false;
    // The owner of a folder needs all rights to read it and to write into it.
    chmodSync(place, state?.isDirectory() ? mode | 0o700 : mode);
    return true;
}

function remove(place: string): true {
    rmSync(place, { recursive: true, force: true });
    return true;
}

function moveTo(place: string, to: string): boolean {
    if (stateOf(place) === undefined || stateOf(to) !== undefined) return false;
    return attempt(() => {
        mkdirSync(dirname(to), { recursive: true });
        renameSync(place, to);
    });
}

function copyTo(place: string, to: string): boolean {
    if (stateOf(place) === undefined || within(place, to) || within(to, place)) return false;
    return (
        makeRoom(to) &&
        attempt(() => cpSync(place, to, { recursive: true, verbatimSymlinks: true }))
    );
}

function swap(place: string, other: string): boolean {
    const isPossible = [place, other].every((at) => stateOf(at) !== undefined);
    if (!isPossible || within(place, other) || within(other, place)) return false;
    renameSync(place, `${place}~`);
    renameSync(other, place);
    renameSync(`${place}~`, other);
    return true;
}

function within(folder: string, place: string): boolean {
    return `${place}/`.startsWith(`${folder}/`);
}

function otherCase(name: string): string {
    return name === name.toUpperCase() ? name.toLowerCase() : name.toUpperCase();
}

function attempt(change: () => void): boolean {
    try {
        change();
        return true;
    } catch (cause) {
        if (cause instanceof Error && "code" in cause) return false;
        throw cause;
    }
}
