import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { encodeScopePart } from "./cache/scope";
import { currentRun } from "./currentRun";

/** Folder of everything generated, in the program's. */
export const generatedFolder = ".harbor-build";

/** Which component of a run has which folder. */
const taken = new WeakMap<object, Map<string, pulumi.Resource>>();

/** What an image's slice is known by. */
export interface SliceName {
    readonly stack: string;
    readonly registry: string;
    readonly project: string;
    /** Name of the image below the project. */
    readonly image: string;
    /** Which image of the component: `app`, `stage-build`. */
    readonly part: string;
}

/**
 * Makes the folder of one image's slice, of which git is told to take no notice, and gives its path
 * relative to the program's: the same on every machine, another one for each stack and each image.
 *
 * docker-build compares the path, so it is called after what the image is for Harbor, not after the
 * component: renamed with an alias, a component stays as it is. Only when two of a run share an image
 * is the later one's name added.
 */
export function makeSliceFolder(
    { stack, registry, project, image, part }: SliceName,
    owner: { readonly resource: pulumi.Resource; readonly name: string },
): string {
    mkdirSync(generatedFolder, { recursive: true });
    const ignoreFile = join(generatedFolder, ".gitignore");
    if (!existsSync(ignoreFile)) {
        writeFileSync(ignoreFile, "*\n");
    }
    const run = currentRun();
    const folders = taken.get(run) ?? new Map<string, pulumi.Resource>();
    taken.set(run, folders);
    for (let count = 0; ; count++) {
        const apart = ["", `@${owner.name}`][count] ?? `@${owner.name}#${count}`;
        const parts = [stack, registry, project, image, `${part}${apart}`];
        const folder = posix.join(generatedFolder, ...parts.map((one) => encodeScopePart(one)));
        const holder = folders.get(folder) ?? owner.resource;
        if (holder === owner.resource) {
            folders.set(folder, holder);
            return folder;
        }
    }
}
