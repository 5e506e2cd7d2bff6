import { createHash, randomBytes } from "node:crypto";
import { trimEnd } from "../text/trimEnd";

/** The engine's rule for naming resources without a name. */
export interface Autonaming {
    readonly mode: "propose" | "enforce" | "disable";
    readonly proposedName: string;
}

/** Number of random digits at the end of a name, as in the bridge. */
const digits = 7;
const lengthMax = 255;

/** Inputs of {@link autoName}. */
export interface NameRequest {
    readonly logicalName: string;
    /** Converts a name into one that Harbor accepts. */
    readonly adapt: (name: string) => string;
    /** The engine's random seed for this resource, equal in a preview and its update. */
    readonly seed: Uint8Array;
    readonly autonaming: Autonaming | undefined;
}

/** A name for a resource without one; undefined when the engine forbids automatic names. */
export function autoName(request: NameRequest): string | undefined {
    const { autonaming, adapt } = request;
    if (autonaming?.mode === "disable") return undefined;
    if (autonaming?.mode === "enforce") return autonaming.proposedName;
    if (autonaming) return adapt(autonaming.proposedName);
    const random = request.seed.length > 0 ? request.seed : randomBytes(32);
    const suffix = createHash("sha256").update(random).digest("hex").slice(0, digits);
    return `${adapt(request.logicalName).slice(0, lengthMax - digits - 1)}-${suffix}`;
}

/** Converts to lower case and replaces each run of characters that Harbor rejects in names with one dash. */
export function harborName(name: string): string {
    const adapted = name
        .toLowerCase()
        .replace(/[^a-z0-9._-]+/g, "-")
        .replace(/[._-]{2,}/g, "-")
        .replace(/^[._-]/, "");
    return trimEnd(adapted, "._-") || "x";
}
