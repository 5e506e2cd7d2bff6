import * as pulumi from "@pulumi/pulumi";
import type { CacheGathering } from "../cache/plan";
import { type CacheSourceState, CacheSourceStatus } from "../registry/cacheSource";
import type { CredentialsFor } from "../registry/credentials";
import { type Gathered, gatherCaches } from "../registry/gather";
import type { RegistryOptions } from "../registry/registries";

/** What an own cache takes over, or would if this were no preview. */
export interface Taking {
    readonly into: string;
    /** References of the caches that have something that the own one lacks. */
    readonly from: readonly string[];
    /** A preview writes nothing: the next deployment takes them over. */
    readonly isAhead: boolean;
    /** Why nothing was taken over. */
    readonly reason?: string;
}

/** Time allowed for gathering, in milliseconds: several caches are read, and one is written. */
const timeoutMs = 20_000;

/** Has the own caches of one component take over what others have, each once in a run. */
export class Gatherer {
    private readonly options: RegistryOptions;
    private readonly done = new Set<string>();

    constructor(options: RegistryOptions) {
        this.options = options;
    }

    /**
     * Gathers before an image is built; in a preview it says what would be gathered into a cache that
     * is not there yet.
     *
     * @returns undefined when there is nothing to take over.
     */
    async gather(
        gathering: CacheGathering | undefined,
        states: readonly CacheSourceState[],
        logins: CredentialsFor,
    ): Promise<Taking | undefined> {
        if (gathering === undefined || this.done.has(gathering.into)) {
            return undefined;
        }
        const { into } = gathering;
        const isThere = (reference: string) =>
            states.some(
                (state) =>
                    state.reference === reference && state.status === CacheSourceStatus.There,
            );
        const from = gathering.from.filter(isThere);
        if (pulumi.runtime.isDryRun()) {
            const isAhead = from.length > 0 && !isThere(into);
            return isAhead ? { into, from, isAhead } : undefined;
        }
        // The images are built one after the other: no other one of them asks at the same time. What
        // they push in this run, the BuildKit that builds them all has.
        this.done.add(into);
        if (from.length === 0) {
            return undefined;
        }
        const gathered = await gatherCaches({ into, from }, logins, { ...this.options, timeoutMs });
        return taken(into, from, gathered);
    }
}

function taken(into: string, asked: readonly string[], gathered: Gathered): Taking | undefined {
    if ("reason" in gathered) {
        return { into, from: asked, isAhead: false, reason: gathered.reason };
    }
    return gathered.from.length === 0 ? undefined : { into, from: gathered.from, isAhead: false };
}
