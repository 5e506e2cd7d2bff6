import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { goConfig, goTags, goTree, goVersion } from "./golang";
import { type Entry, folderEntries, type Layer, writeLayer } from "./layer";
import { Pusher } from "./push";
import { userland, userlandPath, zones } from "./userland";

/** Paths of the parts of the images. */
export interface ImageParts {
    readonly busybox: string;
    readonly zoneinfo: string;
    readonly goroot: string;
    readonly caBundle: string;
    /** Further images. @default none */
    readonly more?: readonly MoreImage[];
}

/** An image of the userland and the files of a folder, whose name identifies its content. */
export interface MoreImage {
    readonly name: string;
    readonly tags: readonly string[];
    readonly folder: string;
    /** Variables in addition to `PATH`. */
    readonly env: readonly string[];
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
        ...(parts.more ?? []).map(({ folder }) => folder),
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
            ...(await moreImages(parts, base, folder)),
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

/** The images that only some commands need. */
async function moreImages({ more = [] }: ImageParts, base: Layer, folder: string) {
    const images = [];
    for (const { name, tags, folder: tree, env } of more) {
        const layer = await writeLayer(rootEntries(tree), join(folder, name));
        const config = { ...shell, Env: [userlandPath, ...env] };
        images.push({ name, tags, layers: [base, layer], config });
    }
    return images;
}

/** What a folder contains, as entries of the image's root. */
export function* rootEntries(tree: string): Generator<Entry> {
    for (const name of readdirSync(tree).sort()) yield* folderEntries(join(tree, name), name);
}
