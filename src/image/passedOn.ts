import { isUnknown } from "../dockerfile";
import { namedContextsOf } from "../dockerfile/targetReads";
import { isPredefinedArg } from "../dockerfile/variables";
import type { Slice } from "../slice";

/** Which of the component's arguments one image gets; changing the others does not change the image. */
export interface PassedOn {
    readonly buildArg: (name: string) => boolean;
    readonly secret: (id: string) => boolean;
    readonly ssh: (id: string) => boolean;
    readonly context: (name: string) => boolean;
}

type MountIds = readonly {
    readonly id: Slice["reads"]["stages"][number]["secrets"][number]["id"];
}[];

/**
 * Selects the arguments that an image's stages read, or all arguments when that is unknown.
 *
 * @param declared build arguments that triggers of base images declare
 */
export function passedOn(
    { whole, reads, dockerfile }: Slice,
    declared: readonly string[] = [],
): PassedOn {
    if (whole !== undefined) {
        return { buildArg: all, secret: all, ssh: all, context: all };
    }
    const args = new Set([...dockerfile.args, ...declared]);
    const contexts = namedContextsOf(reads);
    return {
        buildArg: (name) => args.has(name) || isPredefinedArg(name),
        secret: among(reads.stages.flatMap(({ secrets }) => secrets)),
        ssh: among(reads.stages.flatMap(({ ssh }) => ssh)),
        context: (name) => contexts?.has(name) ?? true,
    };
}

const all = (): boolean => true;

/** Tests whether a mount has an id; true for every id if the id of a mount is unknown. */
function among(mounts: MountIds): (id: string) => boolean {
    const ids = mounts.map(({ id }) => id);
    return ids.some(isUnknown) ? all : (id) => ids.includes(id);
}
