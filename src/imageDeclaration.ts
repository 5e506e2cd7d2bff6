import * as dockerBuild from "@pulumi/docker-build";
import * as pulumi from "@pulumi/pulumi";
import type { Access } from "./accessDeclaration";
import { nameByBases } from "./baseDigests";
import { type BaseDigests, pinnedLocation } from "./bases/pins";
import type { CachedImageArgs } from "./cachedImageArgs";
import { PreviewMode } from "./cachedImageArgs";
import type { CachedImagePlan, ImagePlan } from "./cachedImagePlan";
import { type Slice, writeSlice } from "./context";
import { passedOn } from "./passedOn";
import { makeSliceFolder } from "./sliceFolder";
import { stampedLabels } from "./stampedLabels";

/** What all images of one component have in common. */
export interface ImageSurroundings {
    readonly parent: pulumi.ComponentResource;
    /** The component's. */
    readonly name: string;
    readonly args: CachedImageArgs;
    readonly plan: CachedImagePlan;
    readonly access: Access;
    /** Digests of the base images that are pinned. */
    readonly baseDigests: pulumi.Output<BaseDigests>;
    readonly hooks: pulumi.ResourceHookBinding | undefined;
}

/** What one image has for itself. */
export interface ImageParts {
    /** Which image of the component: its logical name follows on the component's. */
    readonly part: string;
    /** Labels that the image is to bear. */
    readonly labels?: CachedImageArgs["labels"];
    /** Which part of the component keeps the labels of the run that builds it. */
    readonly stampPart?: string;
    /** What must be there, or built, before. */
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
        // `push: true` would keep previews from building; this exporter pushes as well.
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
            // docker-build deletes by digest, whatever else bears it; Harbor's policies clean up.
            retainOnDelete: true,
            ...(hooks === undefined ? {} : { hooks }),
        },
    );
}

/** Declares what writes the app image's cache once the app image is pushed, and never in a preview. */
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
            // The app image has told how the same sources stand.
            ...(hooks?.onError === undefined ? {} : { hooks: { onError: hooks.onError } }),
        },
    );
}

/** What is built, from what and with which cache. */
function buildInputs(surroundings: ImageSurroundings, part: string, image: ImagePlan) {
    const { parent, name, args, plan, access } = surroundings;
    const slice = { stack: pulumi.getStack(), ...plan, part };
    const folder = makeSliceFolder(slice, { resource: parent, name });
    const { context, dockerfile } = writeSlice(image.slice, plan.tree, folder);
    return {
        ...readInputs(image.slice, surroundings, context),
        dockerfile: { location: dockerfile },
        target: image.target,
        // The enumeration of the SDK is a list of strings; the plan has checked ours.
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
        // Harbor refuses the other form, an index of layers, with 404.
        imageManifest: true,
        ociMediaTypes: true,
    };
    return {
        cacheFrom: cacheFrom.map((ref) => ({ registry: { ref } })),
        ...(inlineRef === undefined ? {} : { cacheTo: [{ inline: {} }] }),
        ...(registryRef === undefined ? {} : { cacheTo: [{ registry }] }),
    };
}

/** Of everything that a build may be given, what the image's stages read. */
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
        // A rotated secret is no other image.
        ignoreSecretsInDiffCalculation: secrets === undefined ? undefined : Object.keys(secrets),
        ssh:
            ssh.length === 0
                ? undefined
                : ssh.map(({ id = "default", paths }) => ({ id, ...(paths ? { paths } : {}) })),
    };
}

/** The entries whose names pass; undefined when none does. */
function pick<T>(
    entries: Readonly<Record<string, T>>,
    passes: (name: string) => boolean,
): Record<string, T> | undefined {
    const picked = Object.entries(entries).filter(([name]) => passes(name));
    return picked.length === 0 ? undefined : Object.fromEntries(picked);
}

/** The build arguments whose names pass; of an output nobody knows the names, and all are taken. */
function pickBuildArgs(
    given: CachedImageArgs["buildArgs"],
    passes: (name: string) => boolean,
): CachedImageArgs["buildArgs"] {
    if (given === undefined || pulumi.Output.isInstance(given) || "then" in given) {
        return given;
    }
    return pick(given, passes);
}
