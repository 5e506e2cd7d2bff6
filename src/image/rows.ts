import type * as dockerBuild from "@pulumi/docker-build";
import * as pulumi from "@pulumi/pulumi";
import * as access from "../access/faults";
import { credentialsShape, projectShape } from "../access/shape";
import {
    callback,
    flag,
    input,
    list,
    map,
    number,
    object,
    oneOf,
    required,
    text,
} from "../arguments/shape";
import { pinnedLocation } from "../bases/pins";
import { BaseImagePolicy } from "../bases/policy";
import { CacheBackend } from "../cache/backend";
import { isRemoteContext } from "../context";
import { contentDigest, isFolderContext, SlicePolicy } from "../slice";
import {
    type CachedImageCacheArgs,
    type CachedImageContextLimitsArgs,
    type CachedImageExportArgs,
    type CachedImageSignArgs,
    type CachedImageSigner,
    type CachedImageSshArgs,
    ExportType,
    NetworkMode,
    PreviewMode,
} from "./args";
import { nameByBases } from "./baseDigests";
import { contentOfBuildArgs, contentOfTexts, isText, passedBuildArgs, valuesOf } from "./buildArgs";
import { builderFaults, builderOf, platformBuilderFaults } from "./builders";
import { programLocations, programPath } from "./buildSource";
import { cacheInputs } from "./cacheInputs";
import { exportFaults, placed } from "./exportFaults";
import * as faults from "./faults";
import { platformFaults } from "./platformFaults";
import type { BuildInputs, ImageRows } from "./row";
import { sbomFaults } from "./sbom";
import { signFaults } from "./signingKey";

/**
 * The specification of every argument of a `CachedImage`. The types, the checks, what the state
 * shows, the content tag, docker-build's inputs and the tables of the documentation are derived
 * from these rows. Keep the order of the rows with `content`: it determines the content tag.
 */
export const cachedImageRows: ImageRows = {
    project: {
        shape: required(projectShape, '{ name: "shop" }'),
        check: (project) => (project === undefined ? [] : access.projectFaults(project)),
    },
    image: { shape: text, check: (image, { name }) => faults.imageFaults(image ?? name) },
    tags: {
        shape: list(text),
        check: faults.tagFaults,
        inputs: (_, { role, image, plan, baseDigests }) =>
            role === "cache" ? {} : { tags: nameByBases(image.tags, plan, baseDigests) },
    },
    tagByContent: { shape: flag },
    platforms: {
        shape: list(text),
        check: platformFaults,
        content: (_, { platform }) => ({ platform }),
        // The SDK's enumeration is a list of strings; the check has compared the value with it.
        inputs: (_, { image: { platform } }) =>
            platform === undefined
                ? {}
                : { platforms: [platform as dockerBuild.types.enums.Platform] },
    },
    builder: {
        shape: text,
        check: builderFaults,
        inputs: (name) => (name === undefined ? {} : { builder: { name } }),
    },
    // After `builder`, which it overrides.
    platformBuilders: {
        shape: map(text),
        check: platformBuilderFaults,
        inputs: (platformBuilders, { image: { platform } }) => {
            const name = builderOf({ platformBuilders }, platform);
            return name === undefined ? {} : { builder: { name } };
        },
    },
    target: {
        shape: text,
        // BuildKit finds a stage in any spelling, but gives the variable TARGETSTAGE as spelled.
        content: (target, { slice: { graph, dockerfile } }) => ({
            target: dockerfile.args.includes("TARGETSTAGE")
                ? target
                : (graph?.target.name ?? target),
        }),
        inputs: (_, { image: { target } }) => ({ target }),
    },
    context: {
        shape: required(text, '"./fm"'),
        // Absolute paths differ between machines.
        shown: (context) => (isRemoteContext(context) ? context : programPath(context)),
        content: (_, { slice }) => ({ slice: contentDigest(slice) }),
        inputs: (_, { written }) => ({ context: { location: written.context } }),
    },
    dockerfile: {
        shape: text,
        check: faults.dockerfileFaults,
        shown: programPath,
        inputs: (_, { written: { dockerfile } }) => ({ dockerfile }),
    },
    dockerfileInline: { shape: text, check: faults.inlineFaults },
    builderStages: { shape: list(text) },
    buildArgs: {
        shape: input(map(input(text))),
        slice: (given) => ({ options: { buildArgs: valuesOf(given) } }),
        content: contentOfBuildArgs,
        inputs: (given, { passes }) => ({ buildArgs: passedBuildArgs(given, passes) }),
    },
    secrets: {
        shape: map(input(text)),
        // A rotated secret does not change the image.
        shown: Object.keys,
        inputs: (given = {}, { passes }) => {
            const passed = Object.entries(given).filter(([id]) => passes.secret(id));
            return passed.length === 0
                ? {}
                : {
                      secrets: pulumi.secret(Object.fromEntries(passed)),
                      ignoreSecretsInDiffCalculation: passed.map(([id]) => id),
                  };
        },
        compared: ({ secrets }) => ({
            secrets: pulumi.unsecret(
                pulumi.output(secrets).apply((given) => Object.keys(given ?? {})),
            ),
        }),
    },
    ssh: {
        shape: list(object<CachedImageSshArgs>({ id: text, paths: input(list(input(text))) })),
        check: faults.sshFaults,
        // Paths of sockets and keys differ between machines.
        shown: (given) => given.map(({ id = "default" }) => id),
        inputs: (given = [], { passes }) => {
            const passed = given.filter(({ id = "default" }) => passes.ssh(id));
            const ssh = passed.map(({ id = "default", paths }) => ({
                id,
                ...(paths ? { paths } : {}),
            }));
            return ssh.length === 0 ? {} : { ssh };
        },
    },
    namedContexts: {
        shape: map(text),
        check: faults.namedContextFaults,
        shown: programLocations,
        content: (_, { passes, namedContexts }) => {
            const contexts = Object.entries(namedContexts)
                .filter(([name, location]) => passes.context(name) && !isFolderContext(location))
                .sort(([a], [b]) => (a < b ? -1 : 1));
            return contexts.length === 0 ? {} : { contexts };
        },
        inputs: (_, { plan, passes, written }) =>
            named(
                Object.entries({ ...plan.namedContexts, ...written.namedContexts }).filter(
                    ([name]) => passes.context(name),
                ),
            ),
    },
    labels: {
        shape: input(map(input(text))),
        content: (labels) => contentOfTexts("labels", labels),
        inputs: (labels, { role }) => (role === "app" ? { labels } : {}),
    },
    buildLabels: {
        shape: input(map(input(text))),
        check: faults.labelFaults,
        // These labels would cause a diff in every run.
        shown: () => undefined,
    },
    exports: {
        shape: list(
            object<CachedImageExportArgs>({
                type: required(oneOf(ExportType), '"oci"'),
                dest: text,
            }),
        ),
        check: exportFaults,
        shown: (given) => given.map(placed),
    },
    network: {
        shape: oneOf(NetworkMode),
        content: (network = NetworkMode.Default) => ({ network }),
        inputs: (network) => ({ network }),
    },
    noCache: { shape: input(flag), inputs: (noCache) => ({ noCache }) },
    pull: { shape: input(flag), inputs: (pull) => ({ pull }) },
    extraHosts: {
        shape: input(list(input(text))),
        check: faults.hostFaults,
        content: (extraHosts = []) => {
            const isKnown = Array.isArray(extraHosts) && extraHosts.every(isText);
            return isKnown ? { extraHosts } : "unknown";
        },
        inputs: (addHosts) => ({ addHosts }),
    },
    baseImages: {
        shape: oneOf(BaseImagePolicy),
        slice: (baseImages) => ({ baseImages }),
        inputs: (_, { image: { slice }, baseDigests }) =>
            named(
                slice.pins.map((pin) => [
                    pin.context,
                    baseDigests.apply((known) => pinnedLocation(pin, known)),
                ]),
            ),
    },
    baseImageMirrors: { shape: map(text), check: faults.mirrorFaults },
    slicing: { shape: oneOf(SlicePolicy), slice: (slicing) => ({ slicing }) },
    contextLimits: {
        shape: object<CachedImageContextLimitsArgs>({ filesMax: number, bytesMax: number }),
        check: faults.limitFaults,
        slice: (limits) => ({ limits }),
    },
    cacheMounts: {
        shape: map(list(text)),
        check: faults.cacheMountFaults,
        slice: (cacheMounts) => ({ cacheMounts }),
    },
    cache: {
        shape: object<CachedImageCacheArgs>({
            project: text,
            repository: text,
            backend: oneOf(CacheBackend),
            write: flag,
            carryMounts: flag,
            mountBytesMax: number,
            scope: text,
            fallbackScopes: list(text),
            fallbackProject: text,
            sources: list(text),
            publicKeys: list(text),
        }),
        check: faults.cacheFaults,
        // Without a cache manifest no mount can be carried, so nothing suggests it.
        slice: ({ carryMounts, backend }) => ({
            carriesMounts: backend === CacheBackend.Images ? false : carryMounts,
        }),
        inputs: (_, { image }) => cacheInputs(image.cache),
    },
    registry: { shape: text },
    credentials: {
        shape: credentialsShape,
        check: access.credentialFaults,
        shown: ({ username }) => ({ username }),
        inputs: (_, { plan, access: { username, password } }) => ({
            registries: [{ address: plan.registry, username, password }],
        }),
        // A rotated password does not change the image.
        compared: ({ registries }) => ({
            registries: pulumi.unsecret(
                pulumi
                    .output(registries)
                    .apply((given) =>
                        given?.map(({ address, username }) => ({ address, username })),
                    ),
            ),
        }),
    },
    sign: {
        shape: object<CachedImageSignArgs>({
            key: input(text),
            password: input(text),
            signer: object<CachedImageSigner>({
                publicKey: required(input(text), "the key of the key management service"),
                sign: required(callback, "(data) => service.sign(data)"),
            }),
            provenance: flag,
        }),
        check: signFaults,
        // The state shows the public key, with each ImageSignature.
        shown: () => undefined,
    },
    sbom: { shape: text, check: sbomFaults, shown: programPath },
    robotDays: { shape: input(number), check: access.robotFaults },
    preview: {
        shape: oneOf(PreviewMode),
        inputs: (preview, { role }) => ({
            buildOnPreview: role !== "cache" && preview === PreviewMode.Build,
        }),
    },
    retainImages: { shape: flag, check: access.retentionFaults },
};

function named(
    contexts: readonly (readonly [name: string, location: pulumi.Input<string>])[],
): BuildInputs {
    const entries = contexts.map(([name, location]) => [name, { location }]);
    return { context: { named: Object.fromEntries(entries) } };
}
