import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { goConfig, goTags, goTree, goVersion } from "./golang";
import { type Layer, writeLayer } from "./layer";
import { nodeConfig, nodeEntries, nodeTags } from "./node";
import { Pusher } from "./push";
import { userland, userlandPath, zones } from "./userland";

/** Paths of the parts of the images. */
export interface ImageParts {
    readonly busybox: string;
    readonly zoneinfo: string;
    readonly goroot: string;
    readonly caBundle: string;
    /** Files of a Node.js image, whose folder's name has the versions. @default there is no such image */
    readonly nodeTree?: string;
}

/** Raise this number when the images change. */
const format = 1;
const alpineTags = ["latest", "3", "3.22"];
const busyboxTags = ["latest", "stable"];
const shell = { Env: [userlandPath], Cmd: ["/bin/sh"], WorkingDir: "/" };

/** A key for the parts of the images; the same parts make the same images. */
export function imagesKey(parts: ImageParts): string {
    const hash = createHash("sha256");
    for (const path of [parts.busybox, parts.caBundle, join(parts.goroot, "VERSION")]) {
        hash.update(readFileSync(path));
    }
    return [
        format,
        parts.zoneinfo,
        hash.digest("hex"),
        ...(parts.nodeTree ? [parts.nodeTree] : []),
    ].join(" ");
}

/**
 * Builds and pushes the base images that the examples need; returns their digests by repository.
 */
export async function pushBaseImages(
    parts: ImageParts,
    socketPath: string,
): Promise<Readonly<Record<string, string>>> {
    const folder = mkdtempSync(join(tmpdir(), "harbor-build-images-"));
    const pusher = new Pusher(socketPath);
    try {
        const base = await writeLayer(
            userland(parts.busybox, parts.caBundle),
            join(folder, "userland"),
        );
        const time = await writeLayer(zones(parts.zoneinfo), join(folder, "zones"));
        const go = await writeLayer(goTree(parts.goroot), join(folder, "go"));
        const version = goVersion(parts.goroot);
        const images = [
            { name: "alpine", tags: alpineTags, layers: [base], config: shell },
            { name: "busybox", tags: busyboxTags, layers: [base], config: shell },
            {
                name: "golang",
                tags: goTags(version),
                layers: [base, time, go],
                config: goConfig(version),
            },
            ...(await nodeImages(parts, base, folder)),
        ];
        const digests: Record<string, string> = {};
        for (const { name, ...image } of images) {
            const repository = `library/${name}`;
            digests[repository] = await pusher.push({ repository, ...image });
        }
        return digests;
    } finally {
        pusher.close();
        rmSync(folder, { recursive: true, force: true });
    }
}

/** The Node.js image, if it is wanted. */
async function nodeImages({ nodeTree }: ImageParts, base: Layer, folder: string) {
    if (nodeTree === undefined) {
        return [];
    }
    const layer = await writeLayer(nodeEntries(nodeTree), join(folder, "node"));
    return [{ name: "node", tags: nodeTags(nodeTree), layers: [base, layer], config: nodeConfig }];
}
