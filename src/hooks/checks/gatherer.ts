import * as pulumi from "@pulumi/pulumi";
import type { CacheGathering } from "../../cache/references";
import type { Additions } from "../../explain/cacheText";
import { type CacheSourceState, CacheSourceStatus } from "../../registry/cacheSource";
import type { CacheTrust } from "../../registry/cacheTrust";
import type { CredentialsFor } from "../../registry/credentials";
import { type Gathered, gatherCaches } from "../../registry/gather";
import type { RegistryOptions } from "../../registry/registries";

/** Time limit for gathering, in milliseconds: several caches are read, and one is written. */
const timeoutMs = 20_000;

/** Copies the records of other caches into the caches of one component, once per cache and run. */
export class Gatherer {
    private readonly options: RegistryOptions;
    private readonly done = new Set<string>();

    constructor(options: RegistryOptions) {
        this.options = options;
    }

    /**
     * Gathers before a build. In a preview, only reports what a deployment would gather into a cache
     * that does not exist yet.
     *
     * @returns undefined when there is nothing to add.
     */
    async gather(
        gathering: CacheGathering | undefined,
        states: readonly CacheSourceState[],
        logins: CredentialsFor,
        trust?: CacheTrust,
    ): Promise<Additions | undefined> {
        if (gathering === undefined || this.done.has(gathering.into)) {
            return undefined;
        }
        const { into, kept } = gathering;
        const isIn = (reference: string, status: CacheSourceStatus) =>
            states.some((state) => state.reference === reference && state.status === status);
        const isThere = (reference: string) => isIn(reference, CacheSourceStatus.There);
        const from = gathering.from.filter(isThere);
        if (pulumi.runtime.isDryRun()) {
            const isAhead = from.length > 0 && !isThere(into);
            return isAhead ? { into, from, isAhead } : undefined;
        }
        // The images of one cache are built one after the other, so no two calls gather into it at the
        // same time. The caches that they push in this run are still in the BuildKit that builds them.
        this.done.add(into);
        const replaces = trust?.signer !== undefined && isIn(into, CacheSourceStatus.Blocked);
        if (from.length === 0 && !replaces && (kept === undefined || !isThere(into))) {
            return undefined;
        }
        const gathered = await gatherCaches({ into, from, kept }, logins, {
            ...this.options,
            timeoutMs,
            trust,
            replaces,
        });
        return additionsOf(into, from, gathered);
    }
}

function additionsOf(
    into: string,
    asked: readonly string[],
    gathered: Gathered,
): Additions | undefined {
    if ("reason" in gathered) {
        return { into, from: asked, isAhead: false, reason: gathered.reason };
    }
    return gathered.from.length === 0 ? undefined : { into, from: gathered.from, isAhead: false };
}
