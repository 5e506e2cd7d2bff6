import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after } from "node:test";
import { readIgnoreFile } from "../../../src/context/ignoreFile";
import { type Selection, select } from "../../../src/context/select";
import { type ContextTree, readTree } from "../../../src/context/tree";
import { parseDockerfile, resolveStages } from "../../../src/dockerfile";
import { findTargetReads } from "../../../src/dockerfile/targetReads";

/**
 * Makes a folder that goes when the tests of the file are done.
 *
 * @param files text by path; a path that ends in a slash is an empty folder, and text that begins
 * with `-> ` a link
 */
export function makeFolder(files: Readonly<Record<string, string>>): string {
    const folder = mkdtempSync(join(tmpdir(), "harbor-build-unit-"));
    after(() => rmSync(folder, { recursive: true, force: true }));
    for (const [path, text] of Object.entries(files)) {
        const place = join(folder, path);
        mkdirSync(path.endsWith("/") ? place : dirname(place), { recursive: true });
        if (path.endsWith("/")) continue;
        if (text.startsWith("-> ")) symlinkSync(text.slice(3), place);
        else writeFileSync(place, text);
    }
    return folder;
}

/** The same as a context, with the text of its ignore file. */
export function makeTree(files: Readonly<Record<string, string>>, ignore = ""): ContextTree {
    const { file, failures } = readIgnoreFile(".dockerignore", ignore);
    if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join());
    return readTree(makeFolder(files), file);
}

/** What a stage with these instructions takes of a context. */
export function selectBy(tree: ContextTree, ...instructions: readonly string[]): Selection {
    const dockerfile = parseDockerfile(["FROM scratch", ...instructions, ""].join("\n"));
    const { stages } = findTargetReads(dockerfile, resolveStages(dockerfile));
    const reads = stages.flatMap(({ context }) => context);
    const asked = stages.flatMap((stage) => stage.asked);
    return select(tree, reads, asked);
}
