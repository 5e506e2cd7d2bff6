import type * as pulumi from "@pulumi/pulumi";
import type { BuiltImage } from "../buildkit/builderHistory";
import { BuildFaultKind } from "../explain/buildFault";
import { classifyBuildFault } from "../explain/classify";
import { CacheGap, findCacheGap } from "../registry/cacheGap";
import { locate } from "../registry/location";
import type { RegistryOptions } from "../registry/registries";
import { printable } from "../text/printable";
import { readImageInputs } from "./imageInputs";
import { log } from "./log";
import { loginsOf } from "./logins";
import { openHistory } from "./openHistory";

/** Options of a {@link cacheWriteHook}. */
export interface CacheWriteOptions extends RegistryOptions {
    /** Receives the reason for a cache that an image's build did not write. @default none */
    readonly onUnwritten?: ((image: string, reason: string) => void) | undefined;
}

/** An image that was just pushed. */
interface Pushed {
    readonly name: string;
    /** Undefined without a known digest. */
    readonly reference: string | undefined;
}

/**
 * Creates the function of a hook that warns when a build did not write its cache: BuildKit ignores that
 * fault, since the image is pushed. The hook reads two manifests, and BuildKit's history for the reason.
 *
 * A component builds the images of one builder one after the other. The build that only writes a cache
 * therefore belongs to the last image of its builder.
 */
export function cacheWriteHook(
    options: CacheWriteOptions,
): (args: pulumi.ResourceHookArgs) => Promise<void> {
    const lastOf = new Map<string | undefined, Pushed>();
    return async ({ urn, name, newInputs, newOutputs }) => {
        const inputs = await readImageInputs(newInputs);
        const { cacheTo, tags, builder } = inputs;
        const [tag] = tags;
        if (tag !== undefined) {
            lastOf.set(builder, { name, reference: digested(tag, newOutputs?.["digest"]) });
        }
        const last = lastOf.get(builder);
        const [cache] = cacheTo;
        if (cache === undefined) return;
        const gap = await findCacheGap(cache, last?.reference, loginsOf(inputs, options), options);
        if (gap === undefined) return;
        // BuildKit lists a build without an image under the caches that it reads.
        const build = tag === undefined ? { tags: [cache], builder } : { tags, builder };
        const reason = await explain(build, options);
        options.onUnwritten?.(last?.name ?? name, reason);
        await log("warning", unwrittenWarning(cache, gap, reason), urn);
    };
}

/** @internal */
export function unwrittenWarning(cache: string, gap: CacheGap, reason: string): string {
    const left =
        gap === CacheGap.Missing
            ? "builds on new builders run every step"
            : "builds on new builders use the cache of an earlier build";
    return `the cache ${cache} was not written: ${reason} The image is pushed. Until a build writes the cache, ${left}.`;
}

function digested(tag: string, digest: unknown): string | undefined {
    const { registry, repository } = locate(tag);
    return typeof digest === "string" && digest !== ""
        ? `${registry}/${repository}@${digest}`
        : undefined;
}

/** Why a build wrote no cache, in full sentences. */
async function explain(build: BuiltImage, { env }: RegistryOptions): Promise<string> {
    const found = await openHistory(env).find(build);
    const vertices = "vertices" in found ? found.vertices : [];
    const error = vertices.find(({ name, error }) => name === exportName && error !== "")?.error;
    if (error === undefined) {
        return "BuildKit's history has no reason. Check the storage quota of the project, and whether the account may push there.";
    }
    const { kind, what, advice } = classifyBuildFault(error);
    return kind === BuildFaultKind.Own
        ? `${printable(error)}.`
        : [`${what}.`, advice].filter((one) => one !== "").join(" ");
}

/** Name of the vertex that writes a cache (buildkit 0.31, cache/remotecache/registry/registry.go). */
const exportName = "exporting cache to registry";
