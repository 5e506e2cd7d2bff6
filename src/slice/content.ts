import { selectAll } from "../context/select";
import { namedContextsOf } from "../dockerfile/targetReads";
import { planMounts } from "./carriedMounts";
import { sliceDigest } from "./digest";
import { sliceDockerfile } from "./dockerfile";
import type { Slice } from "./slice";

/**
 * A digest of what determines the image: the user's part of the Dockerfile, the files, and the
 * folders of named contexts. It leaves out what the slice adds only for docker-build, for pinned
 * bases or to carry cache mounts.
 */
export function contentDigest({ request, graph, whole, selection, reads, modes }: Slice): string {
    const {
        dockerfile,
        tree,
        remote,
        contextFolders = {},
        comments = {},
        cacheMounts = {},
    } = request;
    const read = whole === undefined ? namedContextsOf(reads) : undefined;
    const folders = Object.entries(contextFolders)
        .filter(([name]) => read?.has(name) ?? true)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, folder]) => `${name} ${sliceDigest(folder, selectAll(folder), [], modes)}`);
    // Those of OCI layouts: folders are above.
    const layouts = Object.entries(comments)
        .filter(([name]) => !Object.hasOwn(contextFolders, name) && (read?.has(name) ?? true))
        .map(([, comment]) => comment)
        .sort();
    const parts = [...folders, ...layouts, ...(remote === undefined ? [] : [remote])];
    if (whole !== undefined || graph === undefined) {
        return sliceDigest(tree, selection, [dockerfile.text, ...parts], modes);
    }
    const { stages } = reads;
    const standIns = new Map<string, string>();
    const added = { dockerfile, graph, stages, added: cacheMounts, namespace: undefined, standIns };
    const { text } = sliceDockerfile(dockerfile, graph, { mounts: planMounts(added) });
    return sliceDigest(tree, selection, [text, ...parts], modes);
}
