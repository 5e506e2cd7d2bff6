import type { Claim } from "../harbor/claims";
import { parseUrn } from "./urn";
import type { Bag } from "./values";

const projectType = "harbor:index/project:Project";

/** A resource that the engine deletes. */
interface Deleted {
    readonly urn: string;
    readonly id: string;
    readonly outputs: Bag;
    /** Harbor's host. */
    readonly host: string | undefined;
    /** Inputs of the same resource in the program of this run; undefined if the run did not check it. */
    readonly declared: Bag | undefined;
}

/**
 * Why the program of this run still needs what a deleted resource stands for; undefined if it does
 * not. A project is also needed by name, for components that do not manage it.
 */
export function needOf(deleted: Deleted, claims: readonly Claim[]): string | undefined {
    const { urn, id, outputs, host, declared } = deleted;
    const { type, name } = parseUrn(urn);
    // A replacement deletes the project and creates it again: its users keep a project of this name.
    const isRecreated = declared !== undefined && declared["name"] === outputs["name"];
    for (const claim of claims) {
        if ("project" in claim) {
            const isUsed = type === projectType && claim.project === outputs["name"];
            if (!isUsed || isRecreated) continue;
            return `project "${claim.project}" (${id}) stays in Harbor with its images, because ${claim.user} uses it without managing it. No resource of this stack manages the project any more; when nothing needs it, delete it in Harbor`;
        }
        const isSame = claim.type === type && claim.id === id && claim.host === host;
        if (!isSame) continue;
        if (claim.urn !== urn) {
            return `${id} stays in Harbor: "${parseUrn(claim.urn).name}" manages it now, instead of "${name}"`;
        }
        // An import of the resource's own id in another form, or a creation that took over what existed.
        if (claim.isNew) return `${id} stays in Harbor: "${name}" still manages it`;
    }
    return undefined;
}
