import * as dockerBuild from "@pulumi/docker-build";
import * as pulumi from "@pulumi/pulumi";
import { mountsHooks } from "../hooks/mountsHook";
import { mountBytesMaxDefault, saveDockerfile, saveTrigger } from "../mounts/stages";
import { shortHash } from "../text/shortHash";
import { cacheMountNamespace, passedBuildArgs } from "./buildArgs";
import {
    cacheLabels,
    declareBuild,
    folderOf,
    type ImageSurroundings,
    inputsFrom,
    onlyRetries,
} from "./declaration";
import type { ImagePlan, PlatformPlan } from "./imagePlan";
import { passedOn } from "./passedOn";
import { digestOfImage } from "./pushedImage";
import { comparedDigest } from "./specification";

/**
 * Declares the build that saves the cache mounts of an image, after the image is pushed and never in a
 * preview. Nothing waits for it. It runs with each new app image, since that build has written the
 * stack's cache, to which the saves must be attached again. Its steps are cached unless the inputs of
 * the stages with mounts have changed.
 *
 * @param cacheBuild the build that writes the stack's cache
 */
export function declareMountSave(
    surroundings: ImageSurroundings,
    part: string,
    build: PlatformPlan,
    app: dockerBuild.Image,
    cacheBuild: dockerBuild.Image,
): void {
    const { mounts: references, app: image } = build;
    if (references === undefined) {
        return;
    }
    const { parent, name, args, hooks, trust } = surroundings;
    const folder = folderOf(surroundings, part);
    const mounts = image.slice.carriedMounts;
    const bytesMax = args.cache?.mountBytesMax ?? mountBytesMaxDefault;
    const { platforms, registries, builder, noCache } = inputsOf(surroundings, folder, image);
    const ids = mounts.map(({ id }) => id);
    const recorder = hooks?.recorder?.saves(image.tags, mounts);
    const saving = mountsHooks(
        name,
        { references, ids, bytesMax, trustOf: trust?.resolve },
        recorder,
    );
    const candidate = {
        ref: references.candidate,
        mode: dockerBuild.CacheMode.Min,
        imageManifest: true,
        ociMediaTypes: true,
        compression: dockerBuild.CompressionType.Zstd,
        // docker-build ignores the compression without a level.
        compressionLevel: 1,
        // The image is pushed: the hook reports what is wrong with the save.
        ignoreError: true,
    };
    const labels = { "harbor-build.app": digestOfImage(app) };
    declareBuild(
        `${name}-${part}`,
        {
            // Without the named contexts, which a save does not read: docker-build would hash every
            // file in them.
            context: { location: folder },
            platforms,
            registries,
            builder,
            dockerfile: {
                inline: saveDockerfile(mounts, {
                    name: shortHash(references.kept),
                    fallbacks: references.fallbacks.map(shortHash),
                    bytesMax,
                }),
            },
            buildArgs: {
                [saveTrigger]: triggerOf(surroundings, build),
                ...passedBuildArgs(args.buildArgs, {
                    ...passedOn(image.slice),
                    buildArg: (name) => name === cacheMountNamespace,
                }),
            },
            ...(trust === undefined
                ? { labels, cacheFrom: [{ registry: { ref: references.candidate } }] }
                : // Whoever may push could have written the last save.
                  { labels: cacheLabels(labels, references.candidate), cacheFrom: [] }),
            cacheTo: [{ registry: candidate }],
            exports: [{ cacheonly: {} }],
            push: false,
            buildOnPreview: false,
            // The hook reads it too, and drops the earlier saves.
            noCache,
        },
        {
            parent,
            dependsOn: [cacheBuild],
            hooks: saving === undefined ? undefined : { ...saving, ...onlyRetries(hooks) },
        },
    );
}

/** The inputs of docker-build for an image, with a folder as its context. */
function inputsOf(surroundings: ImageSurroundings, context: string, image: ImagePlan) {
    const written = { context, dockerfile: { location: "" } };
    return inputsFrom(surroundings, { role: "cache", image, written });
}

/**
 * A digest of the inputs of the images whose stages use the mounts. The app image counts only for
 * mounts that no builder-stage image has. The digests of the images themselves are unsuitable: that
 * of a builder-stage image also depends on the caches that its build read.
 */
function triggerOf(
    surroundings: ImageSurroundings,
    { builderImages, app }: PlatformPlan,
): pulumi.Output<string> {
    const users = builderImages.filter(({ slice }) => slice.carriedMounts.length > 0);
    const keys = users.flatMap(({ slice }) => slice.carriedMounts.map(({ key }) => key));
    const isCovered = app.slice.carriedMounts.every(({ key }) => keys.includes(key));
    const digests = (isCovered ? users : [...users, app]).flatMap((image) => [
        image.slice.digest,
        // Neither the folder nor the account decides what is built.
        comparedDigest({ ...inputsOf(surroundings, "", image), registries: [], push: false }),
    ]);
    return pulumi.all(digests).apply((all) => all.join(" "));
}
