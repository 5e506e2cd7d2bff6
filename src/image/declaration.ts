import * as dockerBuild from "@pulumi/docker-build";
import * as pulumi from "@pulumi/pulumi";
import type { Access } from "../access/declaration";
import { UserError } from "../arguments/userError";
import type { BaseDigests } from "../bases/pins";
import { findPlantedRepository } from "../context";
import { withoutStackTraces } from "../engine/stackTraces";
import { cacheLabel } from "../hooks/cacheSign";
import type { ImageHooks } from "../hooks/imageHooks";
import { asWritten, type Slice, writeSlice } from "../slice";
import { isPublicPreview } from "../text/placeholder";
import type { CachedImageArgs } from "./args";
import { programPath } from "./buildSource";
import { declareSources, type ImageCacheTrust } from "./cacheTrust";
import type { CachedImagePlan, ImagePlan } from "./imagePlan";
import { fullDisk, makeOwnFolder } from "./ownFolder";
import { passedOn } from "./passedOn";
import type { BuiltImage } from "./row";
import type { ImageSigning } from "./signingKey";
import { makeSliceFolder } from "./sliceFolder";
import { buildInputs } from "./specification";
import { stampedLabels } from "./stampedLabels";

/** What all images of a component share. */
export interface ImageSurroundings {
    readonly parent: pulumi.ComponentResource;
    /** Name of the component. */
    readonly name: string;
    readonly args: CachedImageArgs;
    readonly plan: CachedImagePlan;
    readonly access: Access;
    /** Digests of pinned base images. */
    readonly baseDigests: pulumi.Output<BaseDigests>;
    readonly hooks: ImageHooks | undefined;
    /** The key that signs the app image; undefined without one. */
    readonly signing: ImageSigning | undefined;
    /** The keys of the component's caches; undefined when any cache counts. */
    readonly trust: ImageCacheTrust | undefined;
}

/** What differs between the images of a component. */
export interface ImageParts {
    /** Which image of the component; the suffix of its logical name. */
    readonly part: string;
    readonly role: BuiltImage["role"];
    /** Suffix of the logical name of the stamp, which keeps the labels of the run. */
    readonly stampPart?: string;
    /** Resources to create or build first. */
    readonly dependsOn: readonly pulumi.Resource[];
}

/** An image of the component, and the inputs of its build. */
export interface DeclaredImage {
    readonly resource: dockerBuild.Image;
    readonly inputs: dockerBuild.ImageArgs;
}

/** Declares one image of the component. */
export function declareImage(
    surroundings: ImageSurroundings,
    image: ImagePlan,
    parts: ImageParts,
): DeclaredImage {
    const { parent, name, args, hooks, signing } = surroundings;
    const { part, stampPart } = parts;
    const { buildLabels } = args;
    const unstamped: dockerBuild.ImageArgs = {
        ...inputsOf(surroundings, parts, image),
        // `push: true` would prevent builds in previews; this exporter pushes too.
        exports: [{ registry: { ociMediaTypes: true } }],
        push: false,
    };
    const slice = image.slice.digest;
    const stamped =
        stampPart === undefined || buildLabels === undefined
            ? undefined
            : stampedLabels(parent, `${name}-${stampPart}`, {
                  buildLabels,
                  slice,
                  inputs: unstamped,
              });
    const labelled = stamped === undefined ? unstamped : { ...unstamped, labels: stamped };
    const { cacheFrom, dependsOn } = declareSources(
        surroundings,
        part,
        image,
        unstamped,
        parts.dependsOn,
    );
    const inputs = { ...labelled, cacheFrom };
    const logicalName = `${name}-${part}`;
    const resource = declareBuild(logicalName, inputs, {
        parent,
        // An invalid key stops the run before anything is built.
        dependsOn: signing?.publicKey.apply(() => [...dependsOn]) ?? [...dependsOn],
        hooks: hooks?.hooks,
    });
    const { carriedMounts: mounts, changedFlags } = image.slice;
    hooks?.recorder?.expect(
        { component: name, name: logicalName, stage: image.target, references: image.tags },
        { mounts, asWritten: (text) => asWritten(text, changedFlags) },
        resource.digest,
    );
    return { resource, inputs };
}

/** Declares the build that writes the cache after the app image is pushed, and never in a preview. */
export function declareAppCache(
    surroundings: ImageSurroundings,
    part: string,
    image: ImagePlan,
    { resource: app, inputs: { cacheFrom } }: DeclaredImage,
): dockerBuild.Image {
    const { parent, name, hooks, trust } = surroundings;
    const inputs = inputsOf(surroundings, { part, role: "cache" }, image);
    // Without a cache, the app's build has just run every step: this build takes those results.
    const steps = inputs.noCache ? { noCache: undefined, cacheFrom: [] } : { cacheFrom };
    const labels = trust && cacheLabels(inputs.labels, image.cache.registryRef);
    return declareBuild(
        `${name}-${part}`,
        {
            ...inputs,
            ...steps,
            ...(labels === undefined ? {} : { labels }),
            exports: [{ cacheonly: {} }],
            push: false,
        },
        { parent, dependsOn: [app], hooks: hooks?.cacheOnly },
    );
}

/** Labels of a build that only writes a cache, by which BuildKit's history shows which one. */
export function cacheLabels(
    labels: dockerBuild.ImageArgs["labels"],
    reference = "",
): dockerBuild.ImageArgs["labels"] {
    return pulumi.output(labels).apply((given) => ({ ...given, [cacheLabel]: reference }));
}

/** Declares one build of the component. */
export function declareBuild(
    name: string,
    inputs: dockerBuild.ImageArgs,
    {
        parent,
        dependsOn,
        hooks,
    }: {
        readonly parent: pulumi.Resource;
        readonly dependsOn: pulumi.Input<pulumi.Resource[]>;
        readonly hooks: pulumi.ResourceHookBinding | undefined;
    },
): dockerBuild.Image {
    // In a preview without secrets, builds use the logins of `docker login`.
    const logins = isPublicPreview() ? { registries: [] } : {};
    return withoutStackTraces(
        () =>
            new dockerBuild.Image(
                name,
                { ...inputs, ...logins },
                {
                    parent,
                    dependsOn,
                    // docker-build deletes by digest, and with it every other tag of that digest;
                    // the registry's retention cleans up instead.
                    retainOnDelete: true,
                    ...(hooks === undefined ? {} : { hooks }),
                },
            ),
    );
}

/** The hook of an image that only retries failed builds. */
export function onlyRetries(hooks: ImageHooks | undefined): pulumi.ResourceHookBinding | undefined {
    return hooks === undefined ? undefined : { onError: hooks.hooks.onError };
}

/** Writes an image's slice, and maps the arguments to the inputs of its build. */
function inputsOf(
    surroundings: ImageSurroundings,
    { part, role }: Pick<ImageParts, "part" | "role">,
    image: ImagePlan,
): Omit<dockerBuild.ImageArgs, "push"> {
    const written =
        remoteSlice(image.slice, surroundings.args) ??
        writtenSlice(image.slice, surroundings, folderOf(surroundings, part));
    return inputsFrom(surroundings, { role, image, written });
}

/** Maps the arguments to the inputs of the build of an image. */
export function inputsFrom(
    { name, args, plan, access, baseDigests }: ImageSurroundings,
    build: Pick<BuiltImage, "role" | "image" | "written">,
): Omit<dockerBuild.ImageArgs, "push"> {
    refusePlantedRepository(name, build.written.context);
    const passes = passedOn(build.image.slice);
    return buildInputs(args, { ...build, plan, passes, access, baseDigests });
}

/** docker-build runs git in the context, for its provenance. */
function refusePlantedRepository(name: string, context: string): void {
    const planted = findPlantedRepository(context);
    if (planted === undefined) return;
    const message =
        `"${programPath(planted)}" looks like a git repository (HEAD, objects, refs) without being the checkout's. ` +
        "docker-build runs git there, and git runs commands that the file config names. Expected a " +
        "folder without these files. Delete or rename them";
    throw new UserError(`CachedImage "${name}"`, [{ path: "context", message }]);
}

/** Makes the folder of the files from which one image of the component is built. */
export function folderOf({ parent, name, plan }: ImageSurroundings, part: string): string {
    const folder = makeSliceFolder(plan, part, { resource: parent, name });
    const fault = makeOwnFolder(folder);
    if (fault !== undefined) {
        throw new UserError(`CachedImage "${name}"`, [fault]);
    }
    return folder;
}

/** What docker-build gets of a context that BuildKit fetches; undefined for a folder. */
function remoteSlice(
    { request, dockerfile }: Slice,
    { dockerfileInline }: CachedImageArgs,
): BuiltImage["written"] | undefined {
    const { remote } = request;
    // Only an inline Dockerfile reaches a build of such a context.
    return remote === undefined
        ? undefined
        : {
              context: remote,
              ...(dockerfileInline === undefined
                  ? {}
                  : { dockerfile: { inline: dockerfile.text } }),
          };
}

function writtenSlice(
    slice: Slice,
    { name, plan: { tree } }: ImageSurroundings,
    folder: string,
): BuiltImage["written"] {
    try {
        const { dockerfile, ...written } = writeSlice(slice, tree, folder);
        return { ...written, dockerfile: { location: dockerfile } };
    } catch (cause) {
        const message = fullDisk(cause);
        if (message === undefined) throw cause;
        throw new UserError(`CachedImage "${name}"`, [{ path: folder, message }]);
    }
}
