import { posix } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { encodeScopePart } from "../cache/scope";
import { currentRun } from "../engine/currentRun";

/** Folder for generated files, in the program's folder. */
export const generatedFolder = ".harbor-build";

/** The component that uses each folder, by run. */
const taken = new WeakMap<object, Map<string, pulumi.Resource>>();

/** What identifies the slice of an image. */
export interface SliceName {
    readonly stack: string;
    readonly registry: string;
    readonly project: string;
    /** Name of the image in the project. */
    readonly image: string;
    /** Which image of the component: `app`, `stage-build`. */
    readonly part: string;
}

/**
 * Chooses the folder of one image's slice and returns its path relative to the program's folder. The path is the same on every machine and differs between stacks and images.
 *
 * docker-build compares the path, so the path contains the image's name in Harbor instead of the
 * component's: renaming a component with an alias causes no diff. If two components of a run share
 * an image, the path of the second one also contains the component's name.
 */
export function makeSliceFolder(
    { stack, registry, project, image, part }: SliceName,
    owner: { readonly resource: pulumi.Resource; readonly name: string },
): string {
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
