import { isUnknown } from "../dockerfile";
import { InstructionError } from "../dockerfile/failure";
import { isLoginSecret, type RemoteSource, readRemote } from "../dockerfile/remote";
import type { MountUse } from "../dockerfile/stageReads";
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

/**
 * Selects the arguments that an image's stages read, or all arguments when that is unknown.
 *
 * @param declared build arguments that triggers of base images declare
 */
export function passedOn(
    { whole, reads, dockerfile, request }: Slice,
    declared: readonly string[] = [],
): PassedOn {
    if (whole !== undefined) {
        return { buildArg: all, secret: all, ssh: all, context: all };
    }
    const args = new Set([...dockerfile.args, ...declared]);
    const contexts = namedContextsOf(reads);
    const context = (name: string) => contexts?.has(name) ?? true;
    const locations = Object.entries(request.contextLocations ?? {});
    const fetched = [
        ...reads.stages.flatMap(({ fetched }) => fetched),
        ...locations.flatMap(([name, location]) => (context(name) ? remoteContext(location) : [])),
    ];
    const known = fetched.filter((one) => one !== "unknown");
    const isOpen = known.length < fetched.length;
    const secret = among(
        reads.stages.flatMap(({ secrets }) => secrets),
        known.flatMap(({ secrets }) => secrets),
    );
    const ssh = among(
        reads.stages.flatMap(({ ssh }) => ssh),
        known.flatMap(({ ssh = [] }) => ssh),
    );
    return {
        buildArg: (name) => args.has(name) || isPredefinedArg(name),
        secret: (id) => secret(id) || (isOpen && isLoginSecret(id)),
        ssh: (id) => ssh(id) || (isOpen && id === "default"),
        context,
    };
}

const all = (): boolean => true;

/** Tests whether an id is one of the given, or a mount's; true for every id if one is unknown. */
function among(mounts: readonly MountUse[], given: readonly string[]): (id: string) => boolean {
    const ids = [...mounts.map(({ id }) => id), ...given];
    return ids.some(isUnknown) ? all : (id) => ids.includes(id);
}

/** How BuildKit fetches a named context; empty for other contexts and for an address that BuildKit rejects. */
function remoteContext(location: string): readonly RemoteSource[] {
    try {
        return [readRemote(location) ?? []].flat();
    } catch (error) {
        if (error instanceof InstructionError) return [];
        throw error;
    }
}
