import * as pulumi from "@pulumi/pulumi";
import type { CacheTrust } from "../../registry/cacheTrust";
import { readSourcesInputs } from "../imageInputs";
import { log } from "../log";
import { type CacheHookOptions, inspectImage } from "./cacheHook";
import { Gatherer } from "./gatherer";

/** What the logical name of the verified caches of an image ends with, after the name of the image. */
export const sourcesSuffix = "-sources";

/** Options of a {@link sourcesHook}. */
interface SourcesHookOptions extends CacheHookOptions {
    /** The keys of the run; never resolves while they are unknown. */
    readonly trustOf: () => Promise<CacheTrust>;
}

/**
 * Creates the function of a hook that the engine calls before the caches of an image are verified: it
 * gathers other caches into the stack's cache, signs the result, and reports the caches that the build
 * does not use.
 */
export function sourcesHook(
    options: SourcesHookOptions,
): (args: pulumi.ResourceHookArgs) => Promise<void> {
    const gatherer = new Gatherer(options);
    const warned = new Set<string>();
    return async ({ urn, name, newInputs, oldInputs }) => {
        const { publicKeys } = await readSourcesInputs(newInputs);
        // A preview writes nothing, and may not know the private key.
        const keys = pulumi.runtime.isDryRun() ? undefined : await options.trustOf();
        const { report } = await inspectImage(newInputs, oldInputs, {
            ...options,
            gatherer,
            readInputs: readSourcesInputs,
            trust: { publicKeys, signer: keys?.signer },
        });
        if (report === undefined) return;
        const image = name.slice(0, -sourcesSuffix.length);
        options.onCacheReport?.(image, report.message);
        // All images of a component read the same caches.
        if (report.severity === "warning" && warned.has(report.message)) return;
        warned.add(report.message);
        await log(report.severity, report.message, urn);
    };
}
