import * as dockerBuild from "@pulumi/docker-build";
import * as pulumi from "@pulumi/pulumi";
import type { Access } from "../access/declaration";
import { type BaseDigests, pinnedLocation } from "../bases/pins";
import { type Slice, writeSlice } from "../slice";
import type { CachedImageArgs } from "./args";
import { PreviewMode } from "./args";
import { nameByBases } from "./baseDigests";
import { passedOn } from "./passedOn";
import type { CachedImagePlan, ImagePlan } from "./plan";
import { makeSliceFolder } from "./sliceFolder";
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
    readonly hooks: pulumi.ResourceHookBinding | undefined;
}

/** What differs between the images of a component. */
export interface ImageParts {
    /** Which image of the component; the suffix of its logical name. */
    readonly part: string;
    /** Labels of the image. */
    readonly labels?: CachedImageArgs["labels"];
    /** Suffix of the logical name of the stamp, which keeps the labels of the run. */
    readonly stampPart?: string;
    /** Resources to create or build first. */
    readonly dependsOn: readonly pulumi.Resource[];
}

/** Declares one image of the component. */
export function declareImage(
    surroundings: ImageSurroundings,
    image: ImagePlan,
    { part, labels, stampPart, dependsOn }: ImageParts,
): dockerBuild.Image {
    const { parent, name, args, hooks } = surroundings;
    const { buildLabels } = args;
    const inputs: dockerBuild.ImageArgs = {
        ...buildInputs(surroundings, part, image),
        labels,
        tags: nameByBases(image.tags, surroundings.plan, surroundings.baseDigests),
        // `push: true` would prevent builds in previews; this exporter pushes too.
        exports: [{ registry: { ociMediaTypes: true } }],
        push: false,
        buildOnPreview: args.preview === PreviewMode.Build,
    };
    const slice = image.slice.digest;
    const stamped =
        stampPart === undefined || buildLabels === undefined
            ? undefined
            : stampedLabels(parent, `${name}-${stampPart}`, { buildLabels, slice, inputs });
    return new dockerBuild.Image(
        `${name}-${part}`,
        { ...inputs, labels: stamped ?? labels },
        {
            parent,
            dependsOn: [...dependsOn],
            // docker-build deletes by digest, including other tags of it; Harbor's policies clean up instead.
            retainOnDelete: true,
            ...(hooks === undefined ? {} : { hooks }),
        },
    );
}

/** Declares the build that writes the cache after the app image is pushed, and never in a preview. */
export function declareAppCache(
    surroundings: ImageSurroundings,
    part: string,
    image: ImagePlan,
    app: dockerBuild.Image,
): dockerBuild.Image {
    const { parent, name, hooks } = surroundings;
    return new dockerBuild.Image(
        `${name}-${part}`,
        {
            ...buildInputs(surroundings, part, image),
            exports: [{ cacheonly: {} }],
            push: false,
            buildOnPreview: false,
        },
        {
            parent,
            dependsOn: [app],
            retainOnDelete: true,
            // The app image has already reported the same sources.
            ...(hooks?.onError === undefined ? {} : { hooks: { onError: hooks.onError } }),
        },
    );
}

/** The inputs that determine the build: Dockerfile, context, target and cache. */
function buildInputs(surroundings: ImageSurroundings, part: string, image: ImagePlan) {
    const { parent, name, args, plan, access } = surroundings;
    const slice = { stack: pulumi.getStack(), ...plan, part };
    const folder = makeSliceFolder(slice, { resource: parent, name });
    const { context, dockerfile } = writeSlice(image.slice, plan.tree, folder);
    return {
        ...readInputs(image.slice, surroundings, context),
        dockerfile: { location: dockerfile },
        target: image.target,
        // The SDK's enumeration is a list of strings; the plan has checked the value.
        platforms:
            image.platform === undefined
                ? undefined
                : [image.platform as dockerBuild.types.enums.Platform],
        network: args.network,
        addHosts: args.extraHosts,
        ...cacheInputs(image),
        registries: [
            { address: plan.registry, username: access.username, password: access.password },
        ],
    };
}

function cacheInputs({ cache }: ImagePlan): Pick<dockerBuild.ImageArgs, "cacheFrom" | "cacheTo"> {
    const { cacheFrom, inlineRef, registryRef } = cache;
    const registry = {
        ref: registryRef ?? "",
        mode: "max" as const,
        // Harbor refuses caches in the form of an index with 404.
        imageManifest: true,
        ociMediaTypes: true,
    };
    return {
        cacheFrom: cacheFrom.map((ref) => ({ registry: { ref } })),
        ...(inlineRef === undefined ? {} : { cacheTo: [{ inline: {} }] }),
        ...(registryRef === undefined ? {} : { cacheTo: [{ registry }] }),
    };
}

/** The build arguments, secrets and so on that the image's stages read. */
function readInputs(
    slice: Slice,
    { args, plan, baseDigests }: ImageSurroundings,
    context: string,
): Pick<
    dockerBuild.ImageArgs,
    "buildArgs" | "context" | "ignoreSecretsInDiffCalculation" | "secrets" | "ssh"
> {
    const passes = passedOn(slice);
    const secrets = pick(args.secrets ?? {}, passes.secret);
    const given = pick(plan.namedContexts, passes.context);
    const named = [
        ...Object.entries(given ?? {}),
        ...slice.pins.map(
            (pin) =>
                [pin.context, baseDigests.apply((known) => pinnedLocation(pin, known))] as const,
        ),
    ];
    const ssh = (args.ssh ?? []).filter(({ id = "default" }) => passes.ssh(id));
    return {
        context: {
            location: context,
            named:
                named.length === 0
                    ? undefined
                    : Object.fromEntries(named.map(([name, location]) => [name, { location }])),
        },
        buildArgs: pickBuildArgs(args.buildArgs, passes.buildArg),
        secrets: secrets === undefined ? undefined : pulumi.secret(secrets),
        // A rotated secret does not change the image.
        ignoreSecretsInDiffCalculation: secrets === undefined ? undefined : Object.keys(secrets),
        ssh:
            ssh.length === 0
                ? undefined
                : ssh.map(({ id = "default", paths }) => ({ id, ...(paths ? { paths } : {}) })),
    };
}

/** The entries with matching names; undefined for none. */
function pick<T>(
    entries: Readonly<Record<string, T>>,
    passes: (name: string) => boolean,
): Record<string, T> | undefined {
    const picked = Object.entries(entries).filter(([name]) => passes(name));
    return picked.length === 0 ? undefined : Object.fromEntries(picked);
}

/** The build arguments with matching names; all of an output, whose names are unknown. */
function pickBuildArgs(
    given: CachedImageArgs["buildArgs"],
    passes: (name: string) => boolean,
): CachedImageArgs["buildArgs"] {
    if (given === undefined || pulumi.Output.isInstance(given) || "then" in given) {
        return given;
    }
    return pick(given, passes);
}
