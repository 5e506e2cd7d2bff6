import type { ImageArgs } from "@pulumi/docker-build";
import type { ImageCachePlan } from "../cache/references";

/** The caches of one image as inputs of docker-build. */
export function cacheInputs({
    cacheFrom,
    inlineRef,
    registryRef,
}: ImageCachePlan): Pick<ImageArgs, "cacheFrom" | "cacheTo"> {
    const registry = {
        ref: registryRef ?? "",
        mode: "max" as const,
        // Some registries refuse caches in the form of an index.
        imageManifest: true,
        ociMediaTypes: true,
        // The image is pushed: a hook reports a cache that is not written.
        ignoreError: true,
    };
    return {
        cacheFrom: cacheFrom.map((ref) => ({ registry: { ref } })),
        ...(inlineRef === undefined ? {} : { cacheTo: [{ inline: {} }] }),
        ...(registryRef === undefined ? {} : { cacheTo: [{ registry }] }),
    };
}
