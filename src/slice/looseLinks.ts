import { statSync } from "node:fs";
import { posix } from "node:path";
import { isSystemError } from "../context/failure";
import type { Selection } from "../context/select";
import { systemPath } from "../context/systemPath";
import type { ContextTree } from "../context/tree";
import type { TreeNode } from "../context/treeNode";

/** Maximum number of links that the kernel follows on one path. */
const linksMax = 40;

/**
 * Whether a link of a selection leads to something that is not selected, on this machine or any
 * other. When docker-build 0.0.22 hashes a context, it opens the targets of links.
 */
export function leadsToUnselected(tree: ContextTree, selection: Selection): boolean {
    return looseLinks(selection).some(
        ({ path, target = "" }) => !target.startsWith("/") && openingFault(tree, path) === "",
    );
}

/** A warning about links of a context that lead in a circle, which docker-build cannot open. */
export function circleWarning(tree: ContextTree, selection: Selection): string | undefined {
    const [link] = looseLinks(selection).filter(({ path }) => openingFault(tree, path) === "ELOOP");
    return link === undefined
        ? undefined
        : `the link "${link.path}" in ${tree.location} leads back to itself ("${link.target}"), and ` +
              "docker-build fails on such a link; correct its target, or add it to .dockerignore";
}

/** The code of the error for an entry behind links; empty when there is none. */
function openingFault({ location }: ContextTree, path: string): string {
    try {
        statSync(systemPath(location, path));
        return "";
    } catch (cause) {
        if (!isSystemError(cause)) throw cause;
        return String(cause.code);
    }
}

/** The links whose targets are not in the selection. */
function looseLinks({ nodes }: Selection): TreeNode[] {
    const links = [...nodes].filter(({ kind }) => kind === "link");
    if (links.length === 0) return [];
    const entries = new Map<string, TreeNode["kind"]>([["", "directory"]]);
    const targets = new Map(links.map(({ path, target = "" }) => [path, target]));
    for (const { path, kind } of nodes) {
        entries.set(path, kind);
        for (let above = path; above.includes("/"); ) {
            above = posix.dirname(above);
            if (!entries.has(above)) entries.set(above, "directory");
        }
    }
    return links.filter(({ path }) => !leadsOn(path, entries, targets));
}

function leadsOn(
    link: string,
    entries: ReadonlyMap<string, TreeNode["kind"]>,
    targets: ReadonlyMap<string, string>,
): boolean {
    let path = "";
    const pending = link.split("/");
    let followed = 0;
    for (let part = pending.shift(); part !== undefined; part = pending.shift()) {
        if (part === "" || part === ".") continue;
        const isOutside = part === ".." && path === "";
        if (isOutside || entries.get(path) !== "directory") return false;
        if (part === "..") {
            path = path.includes("/") ? posix.dirname(path) : "";
            continue;
        }
        const below = path === "" ? part : `${path}/${part}`;
        const target = targets.get(below);
        if (target === undefined) {
            path = below;
            continue;
        }
        if (target.startsWith("/") || ++followed > linksMax) return false;
        pending.unshift(...target.split("/"));
    }
    return entries.has(path);
}
