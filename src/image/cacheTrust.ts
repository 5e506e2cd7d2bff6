import type * as dockerBuild from "@pulumi/docker-build";
import * as harbor from "@pulumi/harbor";
import * as pulumi from "@pulumi/pulumi";
import type { Access } from "../access/declaration";
import { hasEngine } from "../engine/currentRun";
import { sourcesSuffix } from "../hooks/checks/sourcesHook";
import { harborAccess } from "../hooks/harborAccess";
import type { ImageHooks } from "../hooks/imageHooks";
import { readSourcesInputs } from "../hooks/imageInputs";
import { loginsOf } from "../hooks/logins";
import type { CacheTrust } from "../registry/cacheTrust";
import { trustedReferences } from "../registry/signedCaches";
import { isPlaceholder } from "../text/placeholder";
import { type CachedImageArgs, PreviewMode } from "./args";
import type { CachedImagePlan, ImagePlan } from "./imagePlan";
import type { ImageSigning } from "./signingKey";
import { comparedDigest } from "./specification";

/** The keys of a component's signed caches. */
export interface ImageCacheTrust {
    /** The keys that verify caches, in PEM format. */
    readonly publicKeys: pulumi.Input<pulumi.Input<string>[]>;
    /** Never resolves while the private key is unknown. */
    resolve(): Promise<CacheTrust>;
}

/** The keys of a component; undefined when it neither signs images nor names keys of caches. */
export function cacheTrustOf(
    { cache: { publicKeys: given = [] } = {} }: CachedImageArgs,
    signing: ImageSigning | undefined,
): ImageCacheTrust | undefined {
    if (signing === undefined) {
        return given.length === 0
            ? undefined
            : { publicKeys: given, resolve: async () => ({ publicKeys: given }) };
    }
    return {
        publicKeys: signing.publicKey.apply((own) => [own, ...given]),
        resolve: async () => {
            const signer = await signing.signer();
            const publicKeys = [signer.publicKey, ...given];
            // A preview without secrets has no private key.
            return isPlaceholder(signer.publicKey)
                ? { publicKeys: given }
                : { publicKeys, signer: async () => signer };
        },
    };
}

/** What the images of a component share. */
interface Surroundings {
    readonly parent: pulumi.ComponentResource;
    readonly name: string;
    readonly args: CachedImageArgs;
    readonly plan: Pick<CachedImagePlan, "registry">;
    readonly access: Access;
    readonly hooks: ImageHooks | undefined;
    readonly trust: ImageCacheTrust | undefined;
}

/** The caches that a build reads, as inputs of docker-build. */
interface BuildSources {
    readonly cacheFrom: dockerBuild.ImageArgs["cacheFrom"];
    readonly dependsOn: readonly pulumi.Resource[];
}

/**
 * Declares the verified caches of an image, which stay the same until the image changes: a new cache
 * alone is no diff. Without keys, the image reads every cache, by tag.
 *
 * @param inputs the inputs of the image's build, with its caches by tag
 */
export function declareSources(
    { parent, name, args, plan, access, hooks, trust }: Surroundings,
    part: string,
    image: ImagePlan,
    inputs: dockerBuild.ImageArgs,
    dependsOn: readonly pulumi.Resource[],
): BuildSources {
    const references = [...image.cache.cacheFrom];
    if (trust === undefined || references.length === 0) {
        return { cacheFrom: inputs.cacheFrom, dependsOn };
    }
    const { username, password } = access;
    const given: harbor.VerifiedCacheArgs = {
        triggers: {
            slice: image.slice.digest,
            arguments: comparedDigest(inputs),
            // The image is built in every run.
            run: pulumi.output(args.pull).apply((pull) => (pull ? new Date().toISOString() : "")),
        },
        references,
        publicKeys: trust.publicKeys,
        registry: plan.registry,
        username,
        password,
    };
    const verified = new harbor.VerifiedCache(`${name}-${part}${sourcesSuffix}`, given, {
        parent,
        dependsOn: [...dependsOn],
        ...(hooks === undefined ? {} : { hooks: hooks.sources }),
    });
    const sources = pulumi.runtime.isDryRun()
        ? pulumi.output(foresee(verified, given, args))
        : verified.sources.apply((known) => (hasEngine() ? known : references));
    const cacheFrom = sources.apply((all) => all.map((ref) => ({ registry: { ref } })));
    return { cacheFrom, dependsOn: [...dependsOn, verified] };
}

/**
 * The caches of an image in a preview. docker-build rejects an unknown reference, so that those of an
 * image that changes are looked up here: a preview that builds runs what its caches contain.
 */
async function foresee(
    verified: harbor.VerifiedCache,
    given: harbor.VerifiedCacheArgs,
    { preview }: CachedImageArgs,
): Promise<readonly string[]> {
    const { sources } = await pulumi.runtime.serializeProperties("sources", {
        sources: verified.sources,
    });
    if (Array.isArray(sources)) return sources.map(String);
    const inputs = await readSourcesInputs({ ...given });
    if (preview !== PreviewMode.Build || !hasEngine()) return inputs.cacheFrom;
    const options = harborAccess({});
    const { registry } = inputs;
    return inputs.login(registry) === "unknown"
        ? []
        : trustedReferences(inputs.cacheFrom, loginsOf(inputs, options), {
              ...options,
              trust: { publicKeys: inputs.publicKeys.filter((key) => !isPlaceholder(key)) },
          });
}
