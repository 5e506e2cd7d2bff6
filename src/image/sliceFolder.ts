import { posix } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { encodeScopePart } from "../cache/scope";
import { servesOtherLanguage } from "../engine/currentRun";
import type { CachedImagePlan } from "./imagePlan";
import { type Owner, ownerOf } from "./ownership";

/** Folder for generated files, in the program's folder. */
export const generatedFolder = ".harbor-build";

/**
 * Chooses the folder of one image's slice and returns its path relative to the program's folder. The
 * path is the same on every machine and differs between stacks and images.
 *
 * docker-build compares the path, so the path contains the image's name in the registry instead of the
 * component's: renaming a component with an alias causes no diff. If two components of a run share
 * an image, the path of the second one also contains the component's name. In a program of another
 * language, which of them is the second one is a matter of chance. There, the path contains the cache
 * scope unless it is the stack's, since no two components share an image and a scope.
 *
 * @param part which image of the component: `app`, `stage-build`
 */
export function makeSliceFolder(
    { registry, project, image, cache }: CachedImagePlan,
    part: string,
    owner: Owner,
): string {
    const stack = pulumi.getStack();
    const isScoped = servesOtherLanguage() && cache.scope !== stack;
    const scoped = isScoped ? `${part}@${cache.scope}` : part;
    for (let count = 0; ; count++) {
        const apart = ["", `@${owner.name}`][count] ?? `@${owner.name}#${count}`;
        const parts = [stack, registry, project, image, `${scoped}${apart}`];
        const folder = posix.join(generatedFolder, ...parts.map((one) => encodeScopePart(one)));
        if (ownerOf(`folder ${folder}`, owner).resource === owner.resource) {
            return folder;
        }
    }
}
