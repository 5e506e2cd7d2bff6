import { createHash, randomBytes } from "node:crypto";

/** How the engine wants resources without a name to be named. */
export interface Autonaming {
    readonly mode: "propose" | "enforce" | "disable";
    readonly proposedName: string;
}

/** Random digits at the end of a name, as the bridge makes them. */
const digits = 7;
const lengthMax = 255;

/** What {@link autoName} goes by. */
export interface NameRequest {
    readonly logicalName: string;
    /** Makes a name into one that Harbor takes. */
    readonly adapt: (name: string) => string;
    /** The engine's randomness for this resource: the same in a preview and its update. */
    readonly seed: Uint8Array;
    readonly autonaming: Autonaming | undefined;
}

/** A name for a resource that was given none; undefined when the engine forbids making one. */
export function autoName(request: NameRequest): string | undefined {
    const { autonaming, adapt } = request;
    if (autonaming?.mode === "disable") return undefined;
    if (autonaming?.mode === "enforce") return autonaming.proposedName;
    if (autonaming) return adapt(autonaming.proposedName);
    const random = request.seed.length > 0 ? request.seed : randomBytes(32);
    const suffix = createHash("sha256").update(random).digest("hex").slice(0, digits);
    return `${adapt(request.logicalName).slice(0, lengthMax - digits - 1)}-${suffix}`;
}

/** Lower case, and one dash for each run of what Harbor does not take in names of projects and robot accounts. */
export function harborName(name: string): string {
    const adapted = name
        .toLowerCase()
        .replace(/[^a-z0-9._-]+/g, "-")
        .replace(/[._-]{2,}/g, "-")
        .replace(/^[._-]+|[._-]+$/g, "");
    return adapted === "" ? "x" : adapted;
}
