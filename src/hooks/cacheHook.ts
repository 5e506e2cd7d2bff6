import * as pulumi from "@pulumi/pulumi";
import { inspectCacheSources } from "../registry/inspect";
import { locate } from "../registry/location";
import type { RegistryOptions } from "../registry/registries";
import { type CacheReport, cacheReport } from "./cacheText";
import { type ImageInputs, readImageInputs } from "./imageInputs";
import { log } from "./log";
import { loginsOf } from "./logins";

/** What a cache hook must be told. */
export interface CacheHookOptions extends RegistryOptions {
    /** References that this stack writes as cache: after its first run they must be there. */
    readonly ownReferences: readonly string[];
    /** When the account that pulls expires, in milliseconds since 1970; to tell that from a wrong secret. */
    readonly credentialsExpireAtMs?: number | undefined;
}

/**
 * Makes the function of a hook that says, before an image is built, how its cache sources stand:
 * BuildKit is silent about a source that it cannot read. It never fails the build and takes no
 * longer than `timeoutMs`.
 */
export function cacheHook(options: CacheHookOptions): pulumi.ResourceHookFunction {
    return async ({ urn, newInputs, oldInputs }) => {
        try {
            const report = await reportCache(newInputs, oldInputs, options);
            if (report !== undefined) {
                await log(report.severity, report.message, urn);
            }
        } catch (error) {
            const reason = error instanceof Error ? error.message : String(error);
            pulumi.log.debug(`the state of the cache could not be found out: ${reason}`);
        }
    };
}

/** Asks for the sources of an image that is about to be built. @internal */
export async function reportCache(
    newInputs: Record<string, unknown> | undefined,
    oldInputs: Record<string, unknown> | undefined,
    options: CacheHookOptions,
): Promise<CacheReport | undefined> {
    const inputs = await readImageInputs(newInputs);
    if (inputs.noCache) {
        return undefined;
    }
    const old = oldInputs === undefined ? undefined : await readImageInputs(oldInputs);
    const isUnknown = (reference: string) => inputs.login(locate(reference).registry) === "unknown";
    const references = [...new Set(inputs.cacheFrom)];
    const states = await inspectCacheSources(
        references.filter((reference) => !isUnknown(reference)),
        loginsOf(inputs, options),
        options,
    );
    return cacheReport({
        states,
        expected: expectedReferences(inputs, old, options.ownReferences),
        notAsked: references.filter(isUnknown),
    });
}

// Known to have been pushed: what the last deployment of this image was tagged with, and what it
// read already then of the stack's own.
function expectedReferences(
    { cacheFrom }: ImageInputs,
    old: ImageInputs | undefined,
    ownReferences: readonly string[],
): ReadonlySet<string> {
    const pushed = new Set(old?.tags);
    const read = new Set(old?.cacheFrom);
    return new Set(
        cacheFrom.filter(
            (reference) =>
                pushed.has(reference) || (read.has(reference) && ownReferences.includes(reference)),
        ),
    );
}
