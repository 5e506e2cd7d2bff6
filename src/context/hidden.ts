import { lstatSync } from "node:fs";
import { join } from "node:path";
import type { ContextRead } from "../dockerfile/stageReads";
import { noParents, PatternMatcher } from "./matcher";
import type { ContextTree } from "./tree";

/** A source that an instruction names and the build will not find. */
export interface HiddenSource {
    readonly read: ContextRead;
    /** Path in the context that is missing or hidden. */
    readonly path: string;
    /** The pattern that hides it; undefined when it is not there at all. */
    readonly hiddenBy?: { readonly file: string; readonly line: number; readonly written: string };
}

/** Tells why a source is not found: the ignore file hides it, or it is not there. */
export function whatHidesIt(tree: ContextTree, read: ContextRead): HiddenSource {
    const path = [read.path, read.include ?? ""].filter((part) => part !== "").join("/");
    const { ignoreFile } = tree;
    if (ignoreFile === undefined || !exists(join(tree.location, path))) return { read, path };
    const matcher = new PatternMatcher(ignoreFile.patterns.map(({ pattern }) => pattern));
    let above = noParents;
    let decidedBy: number | undefined;
    let walked = "";
    for (const part of path.split("/")) {
        walked = walked === "" ? part : `${walked}/${part}`;
        const result = matcher.match(walked, above);
        above = result.parents;
        decidedBy = result.decidedBy;
    }
    const pattern = decidedBy === undefined ? undefined : ignoreFile.patterns[decidedBy];
    if (pattern === undefined) return { read, path };
    const { line, written } = pattern;
    return { read, path, hiddenBy: { file: ignoreFile.name, line, written } };
}

/** The fault in words, without the Dockerfile's line. */
export function describeHidden({ read, path, hiddenBy }: HiddenSource): string {
    const source = `${read.instruction} ${read.written}`;
    if (hiddenBy === undefined) {
        return `${source}: there is no "${path}" in the context`;
    }
    const { file, line, written } = hiddenBy;
    return (
        `${source}: line ${line} of ${file} ("${written}") hides it; ` +
        `narrow that pattern or add "!${path}" after it`
    );
}

function exists(path: string): boolean {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
