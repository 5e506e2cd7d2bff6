import type * as pulumi from "@pulumi/pulumi";
import type { CacheTrust } from "../registry/cacheTrust";
import { askRegistry } from "../registry/question";
import type { RegistryOptions } from "../registry/registries";
import { signCache } from "../registry/signedCaches";
import { type ImageInputs, readImageInputs } from "./imageInputs";
import { log } from "./log";
import { loginsOf } from "./logins";
import { openHistory } from "./openHistory";

export { cacheLabel } from "../buildkit/cacheLabel";

/** Time limit for one signature, in milliseconds. */
const timeoutMs = 20_000;

/** Options of a {@link cacheSignHook}. */
interface CacheSignOptions extends RegistryOptions {
    /** The keys of the run; never resolves while they are unknown. */
    readonly trustOf: () => Promise<CacheTrust>;
    /** References of the caches that the component writes. */
    readonly ownReferences: readonly string[];
    /** Called after a build that wrote no cache, although it should have. */
    readonly onUnwritten: (args: pulumi.ResourceHookArgs) => Promise<void>;
}

/**
 * Creates the function of a hook that signs what a build wrote: a builder-stage image, which has its
 * cache inline, and a cache. It signs the digests that BuildKit returned or recorded, never that of a
 * tag, which anybody who may push can move in the meantime.
 *
 * A component builds the images of one builder one after the other. The build that only writes a cache
 * therefore belongs to the last image of its builder.
 */
export function cacheSignHook(
    options: CacheSignOptions,
): (args: pulumi.ResourceHookArgs) => Promise<void> {
    return async (args) => {
        const trust = await options.trustOf();
        if (trust.signer === undefined) return;
        const inputs = await readImageInputs(args.newInputs);
        const [tag] = inputs.tags;
        const [cache] = inputs.cacheTo;
        const pushed = args.newOutputs?.["digest"];
        const digest = typeof pushed === "string" && pushed !== "" ? pushed : undefined;
        const signing = { inputs, urn: args.urn, trust, options };
        if (tag !== undefined && digest !== undefined && options.ownReferences.includes(tag)) {
            await signWritten(tag, digest, signing);
        }
        if (cache === undefined) return;
        const build = tag === undefined ? { tags: [cache] } : { tags: inputs.tags, digest };
        const { builder } = inputs;
        const written = await openHistory(options.env).findCacheManifest({ ...build, builder });
        if ("reason" in written) {
            await log("warning", unsignedWarning(cache, written.reason), args.urn);
        } else if (written.digest === undefined) {
            await options.onUnwritten(args);
        } else {
            await signWritten(cache, written.digest, signing);
        }
    };
}

interface CacheSigning {
    readonly inputs: ImageInputs;
    readonly urn: string;
    readonly trust: CacheTrust;
    readonly options: RegistryOptions;
}

async function signWritten(
    reference: string,
    digest: string,
    { inputs, urn, trust, options }: CacheSigning,
): Promise<void> {
    const answer = await askRegistry(
        reference,
        loginsOf(inputs, options),
        { ...options, timeoutMs },
        async (session) => {
            await signCache(session, reference, digest, trust);
            return {};
        },
    );
    if ("reason" in answer) {
        await log("warning", unsignedWarning(reference, answer.reason), urn);
    }
}

function unsignedWarning(reference: string, reason: string): string {
    return (
        `the cache ${reference} is not signed: ${reason}. The image is pushed. ` +
        "Until a build signs the cache, builds on new builders run every step."
    );
}
