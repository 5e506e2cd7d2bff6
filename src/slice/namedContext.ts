import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { select, selectAll } from "../context/select";
import { type ContextTree, readTree } from "../context/tree";
import type { Stage } from "../dockerfile/stage";
import type { StageReads } from "../dockerfile/stageReads";
import { sliceDigest } from "./digest";
import type { Modes } from "./modes";
import { unmodelled } from "./unmodelled";

/**
 * A comment for each named context that is a folder, with a digest of its contents. docker-build
 * 0.0.22 hashes such folders through the ignore file of the main context, and a slice's ignore file
 * excludes all of their files. Without the comment in the Dockerfile, a change in such a folder
 * would be no diff.
 */
export function namedContextComments(
    contexts: Readonly<Record<string, ContextTree>>,
    modes: Modes,
): Readonly<Record<string, string>> {
    return Object.fromEntries(
        Object.entries(contexts).map(([name, tree]) => [
            name,
            `named context ${name} ${sliceDigest(tree, selectAll(tree), [], modes)}`,
        ]),
    );
}

/**
 * A comment for each named context that is an OCI layout, with a digest of its index. docker-build
 * does not hash these folders either.
 */
export function layoutComments(
    locations: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
    return Object.fromEntries(
        Object.entries(locations).flatMap(([name, location]) => {
            const [, folder] = /^oci-layout:\/\/([^@:]+)(?::[^@]*)?$/i.exec(location) ?? [];
            const index = folder === undefined ? undefined : readIndex(folder);
            return index === undefined
                ? []
                : [[name, `named context ${name} index ${digestOf(index)}`] as const];
        }),
    );
}

function digestOf(text: string): string {
    return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

/** The index of an OCI layout; undefined if there is none, which BuildKit reports. */
function readIndex(folder: string): string | undefined {
    try {
        return readFileSync(join(folder, "index.json"), "utf8");
    } catch {
        return undefined;
    }
}

/**
 * The named contexts of which a build may receive the folder of generated files. buildx sends named
 * contexts with their own ignore files, so docker-build must get copies of these.
 *
 * @param stages undefined for a build of the whole context: docker-build then also hashes the named
 * contexts
 */
export function contextsToCopy(
    contexts: Readonly<Record<string, ContextTree>>,
    stages: readonly StageReads[] | undefined,
): readonly string[] {
    return Object.entries(contexts).flatMap(([name, tree]) => {
        if (tree.generated === undefined) return [];
        const isRead = stages?.some((stage) => mayRead(stage, name, tree)) ?? true;
        return isRead ? [name] : [];
    });
}

/** Whether a stage may read the folder of generated files in a named context. */
function mayRead({ stage, named }: StageReads, name: string, tree: ContextTree): boolean {
    const { location, ignoreFile, generated } = tree;
    const isContext = (source: Stage["base"]) => source.kind === "context" && source.name === name;
    if (isContext(stage.base)) return true;
    const own = named.filter((one) => one.name === name);
    const isRead = own.length > 0 || stage.edges.some(({ source }) => isContext(source));
    // Only the build knows the reads of a stage that may not be built, or of a variable.
    const isKnown = own.length > 0 && own.every(({ reads }) => reads.length > 0);
    const isModelled = own.every(({ reads }) => unmodelled(tree, reads).length === 0);
    if (!isRead || !isKnown || !isModelled) return isRead;
    const whole = readTree(location, ignoreFile);
    return own.some(({ reads, asked }) =>
        [...select(whole, reads, asked).nodes].some(({ path }) =>
            `${path}/`.startsWith(`${generated}/`),
        ),
    );
}

/**
 * Whether buildx reads a named context as a folder on this machine, not as an image, an OCI layout,
 * a target, a URL or a Git repository (`git@host:path`, `github.com/owner/name`).
 */
export function isFolderContext(location: string): boolean {
    if (/^\.{1,2}\//.test(location)) return true;
    return !/^(?:[a-z0-9+-]+:\/\/|target:|github\.com\/|[\w-]+@[\w.-]+:)/i.test(location);
}
